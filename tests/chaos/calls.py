"""A whole call of a chaos test, through the real AgentSession, on any database and with any gateway."""

from __future__ import annotations

from mortgage_fsm.settings import Settings
from mortgage_fsm.voice.phone_call import PhoneCall
from mortgage_fsm.wiring import Ledger
from tests.chaos.books import LAST_FOUR, cents_of, loan_of
from tests.stories.rehearsal import METHOD, PAY, Rehearsal, greeted, shipped_knowledge


async def answered(settings: Settings, ledger: Ledger) -> Rehearsal:
    """A call that has been answered and greeted; all that is said in it is kept."""
    phone = PhoneCall(settings, ledger, shipped_knowledge(), model=None, audio=False)
    call = Rehearsal(phone, ledger)
    await greeted(phone, call.spoken)
    return call


async def wanting_to_pay(settings: Settings, ledger: Ledger, caller: int) -> Rehearsal:
    """A call up to the question whether to submit, or wherever the caller's wish leads."""
    call = await answered(settings, ledger)
    await call.say(PAY, loan_of(caller), LAST_FOUR, f"${cents_of(caller) / 100:.2f}", METHOD)
    return call
