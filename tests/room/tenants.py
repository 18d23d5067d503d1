"""The two tenants of the worker that most tests call, and the people behind them."""

from __future__ import annotations

OAK, ASH = '{"tenant": "oak"}', '{"tenant": "ash"}'
"""As a dispatch names them."""

OAKS_NUMBER, ASHS_NUMBER = "+15105550100", "+15105550200"
"""As their callers dial them."""

ASKED, DISPUTE, FRAUD = "tel:+15105550197", "tel:+15105550198", "tel:+15105550199"
FALLBACK = "sip:desk@oak.example"
"""Oak's people, as a transfer names them."""

_BY_REASON = ", ".join(
    f'{reason} = "{to.removeprefix("tel:")}"'
    for reason, to in {"asked": ASKED, "dispute": DISPUTE, "fraud": FRAUD, "fallback": FALLBACK}.items()
)

TENANTS = f"""
[tenant.oak]
name = "Oak Home Loans"
numbers = ["{OAKS_NUMBER}"]
transfer = {{ {_BY_REASON} }}
[tenant.ash]
name = "Ash Servicing"
numbers = ["{ASHS_NUMBER}"]
records_calls = true
"""
