"""The tenants of an installation, and which of them a call is for."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import ValidationError

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.heard import Method, Reason
from mortgage_fsm.tenants import Limits, Models, Tenant, Tenants, TransferNumbers, Voice, Weekday, opening_times

OAK = Tenant(id="oak", name="Oak Home Loans", numbers=("+15105550100", "+15105550101"))
ASH = Tenant(id="ash", name="Ash Servicing", numbers=("+15105550200",))
BOTH, ONE, UNNUMBERED = Tenants([OAK, ASH]), Tenants([OAK]), Tenants([Tenant(name="Only")])


@pytest.mark.parametrize(
    ("metadata", "dialled", "chosen"),
    [
        ('{"tenant": "ash"}', None, ASH),
        ('{"tenant": "ash", "other": 1}', "+15105550100", ASH),
        ("", "+15105550100", OAK),
        ("", "+15105550101", OAK),
        ("", "1 (510) 555-0200", ASH),
        ("{}", "+15105550200", ASH),
        ("no JSON at all", "+15105550200", ASH),
        ("[" * 100_000, "+15105550200", ASH),
        ('["tenant"]', "+15105550200", ASH),
    ],
)
def test_the_dispatch_chooses_the_tenant_and_after_it_the_number_dialled(
    metadata: str, dialled: str | None, chosen: Tenant
) -> None:
    assert BOTH.choose(metadata, dialled) is chosen


@pytest.mark.parametrize(
    ("tenants", "metadata", "dialled"),
    [
        (BOTH, '{"tenant": "elm"}', "+15105550100"),
        (BOTH, '{"tenant": 7}', "+15105550100"),
        (BOTH, '{"tenant": null}', "+15105550100"),
        (BOTH, '{"tenant": ""}', "+15105550100"),
        (BOTH, "", "+15105550999"),
        (BOTH, "", None),
        (ONE, "", "+15105550999"),
        (ONE, '{"tenant": "ash"}', None),
        (UNNUMBERED, '{"tenant": "ash"}', None),
    ],
)
def test_a_call_for_somebody_else_is_for_nobody_here(tenants: Tenants, metadata: str, dialled: str | None) -> None:
    assert tenants.choose(metadata, dialled) is None


def test_a_single_tenant_needs_neither() -> None:
    assert ONE.choose() is OAK
    [only] = UNNUMBERED.by_id.values()
    assert UNNUMBERED.choose("", "+15105550999") is only
    assert UNNUMBERED.choose('{"tenant": "default"}') is only


def test_a_terminal_names_its_tenant_only_where_there_are_several() -> None:
    assert ONE.named(None) is OAK
    assert BOTH.named("ash") is ASH
    with pytest.raises(ConfigurationError, match="--tenant"):
        BOTH.named(None)
    with pytest.raises(ConfigurationError) as refused:
        BOTH.named("2190")
    assert "2190" not in str(refused.value)


OTHERWISE: list[dict[str, Any]] = [
    {"id": "elm"},
    {"name": "Oak"},
    {"numbers": ()},
    {"phrases": {"greeting": {"first": "Hello from {servicer}."}}},
    {"statements": ("I agree.",)},
    {"limits": Limits(minimum=100, maximum=500_000)},
    {"methods": (Method.DEBIT_CARD,)},
    {"time_zone": "America/Chicago"},
    {"hours": {Weekday.MONDAY: "08:00-18:00"}},
    {"transfer": TransferNumbers(fraud="+15105550199")},
    {"knowledge_index": "oak-index"},
    {"inquiry_number": "+15105550101"},
    {"records_calls": True},
    {"text_streams": True},
    {"voice": Voice(advisor=Models(tts="cartesia/sonic-3:abc"))},
    {"voice": Voice(payment=Models(tts="cartesia/sonic-3:abc"))},
]


def test_the_hash_of_a_configuration_is_64_hex_digits_and_that_of_no_other() -> None:
    hashes = [OAK.config_hash, *(OAK.model_copy(update=each).config_hash for each in OTHERWISE)]
    assert len(set(hashes)) == len(hashes)
    assert all(re.fullmatch(r"[0-9a-f]{64}", each) for each in hashes)
    assert OAK.config_hash == OAK.model_copy().config_hash


def test_every_key_of_a_tenant_is_in_its_hash() -> None:
    untried = Tenant.model_fields.keys() - {key for each in OTHERWISE for key in each} - {"language"}
    assert not untried


def test_a_tenant_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        OAK.name = "Other"  # type: ignore[misc] # the point


def test_the_machine_is_told_the_limits_and_how_many_statements_there_are() -> None:
    tenant = Tenant(name="Oak", statements=("One.", "Two."), limits=Limits(minimum=500, maximum=900))
    assert (tenant.policy.minimum_cents, tenant.policy.maximum_cents, tenant.policy.statements) == (500, 900, 2)


def test_there_is_a_number_for_every_reason_to_want_a_person() -> None:
    assert set(TransferNumbers.model_fields) == {*Reason, "fallback"}


def test_a_day_may_last_until_midnight() -> None:
    opens, closes = opening_times("00:00-24:00")
    assert (opens.isoformat(), closes.isoformat()[:8]) == ("00:00:00", "23:59:59")
