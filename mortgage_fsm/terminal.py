"""One call in this terminal: what it runs on, the demo loans where they can be used, and then the talk."""

from __future__ import annotations

import sys
from typing import TextIO

import structlog

from mortgage_fsm.ledger.demo import DEMO_LOANS
from mortgage_fsm.server import WARM_SECONDS
from mortgage_fsm.settings import EMBEDDED, Settings
from mortgage_fsm.voice.console import Console
from mortgage_fsm.voice.phone_call import PhoneCall
from mortgage_fsm.voice.providers import NONE, provider
from mortgage_fsm.voice.tenancy import read_tenants
from mortgage_fsm.wiring import open_knowledge, open_ledger

log = structlog.get_logger("mortgage_fsm.terminal")


async def talk(
    settings: Settings, lines: TextIO = sys.stdin, out: TextIO = sys.stdout, *, tenant_id: str | None = None
) -> None:
    """Hold one call over typed turns, for this tenant. Ends with the lines, whatever was said in them.

    Raises:
        ConfigurationError: a setting names what cannot be used.
        UnavailableError: the ledger does not answer.
    """
    interactive = lines.isatty() and out.isatty()
    if not interactive and hasattr(lines, "reconfigure"):
        lines.reconfigure(errors="replace")  # a byte that is no text is a word that is not understood
    tenant = read_tenants(settings).named(tenant_id)
    knowledge = open_knowledge(settings, tenant)
    knowledge.warm(WARM_SECONDS)
    try:
        async with open_ledger(settings, tenant) as ledger:
            model = provider("llm", settings)
            log.info("call_starting", llm=model.name, backend=knowledge.name)
            call = PhoneCall(settings, ledger, knowledge, tenant=tenant, model=model(), audio=False)
            if interactive:
                _introduce(settings, knowledge.name)
            console = Console(call.session, call.orchestrator, lines=lines, out=out, interactive=interactive)
            try:
                await console.run(call.start)
            finally:
                await call.close()
    finally:
        await knowledge.aclose()


def _introduce(settings: Settings, knowledge: str) -> None:
    """Say on stderr what the call runs on: stdout belongs to the call."""
    model = provider("llm", settings).name
    words = "our own rules alone (no model key)" if model == NONE else f"our own rules, then {model}"
    lines = [f"A call in this terminal. Your words are heard by {words}; questions are answered from {knowledge}."]
    if settings.loans == EMBEDDED and settings.database_is_embedded:
        lines.append("Demo loans (number, last four of the SSN):")
        for demo in DEMO_LOANS:
            flag = f"  {demo.loan.flag}: no payments here" if demo.loan.flag else ""
            lines.append(f"  {demo.loan.number}  {demo.last_four}{flag}")
    lines.append("Type what you would say; Ctrl-D hangs up.\n")
    sys.stderr.write("\n".join(lines) + "\n")
