"""What is compared against: the same call as a plain two-agent LiveKit program, the model choosing tools and values.

Written as LiveKit's own examples are: tools take the values, a handoff returns the next agent, the model speaks every
reply. It has no rules, no machine and no ledger; it is here to count and to time, not to be used.
"""

from __future__ import annotations

from dataclasses import dataclass

from livekit.agents import Agent, RunContext, function_tool


@dataclass
class Facts:
    loan: str = ""
    verified: bool = False
    amount: str = ""
    method: str = ""
    submitted: bool = False


class PlainAdvisor(Agent):
    def __init__(self) -> None:
        super().__init__(instructions="You answer questions about mortgages and hand over to take payments.")

    @function_tool
    async def transfer_to_payment(self, ctx: RunContext[Facts]) -> tuple[Agent, str]:
        """The caller wants to pay."""
        return PlainPayment(), "Transferring."


class PlainPayment(Agent):
    def __init__(self) -> None:
        super().__init__(instructions="You take a payment: loan, last four, amount, method, confirmation.")

    async def on_enter(self) -> None:
        await self.session.generate_reply()

    @function_tool
    async def set_loan(self, ctx: RunContext[Facts], loan: str) -> str:
        """The caller says the loan number."""
        ctx.userdata.loan = loan
        return "Ask for the last four."

    @function_tool
    async def verify(self, ctx: RunContext[Facts], last_four: str) -> str:
        """The caller says the last four."""
        ctx.userdata.verified = len(last_four) == 4
        return "Ask for the amount."

    @function_tool
    async def set_amount(self, ctx: RunContext[Facts], amount: str) -> str:
        """The caller says the amount."""
        ctx.userdata.amount = amount
        return "Ask for the method."

    @function_tool
    async def set_method(self, ctx: RunContext[Facts], method: str) -> str:
        """The caller says the method."""
        ctx.userdata.method = method
        return "Read it back."

    @function_tool
    async def submit(self, ctx: RunContext[Facts]) -> str:
        """The caller confirms."""
        ctx.userdata.submitted = True
        return "Submitted."
