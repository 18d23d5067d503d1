"""The plain two-agent program as a worker of its own, on the hearing that this package has and no model.

So that both sides of a comparison hear alike and at no cost, what a model would do is done by rules: the tool that the
caller's words call for, then the tool's own sentence, spoken. It keeps no record, checks no identity and moves no money.
Asked for with the metadata `EVERY_STEP`, it hands over at every step of the payment, as our program does.
Run by LiveKit's own command: `python -m livekit.agents start tests/benchmarks/plain_worker.py --dev`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
from collections.abc import Mapping
from typing import Any

from livekit.agents import (
    Agent,
    AgentServer,
    AgentSession,
    APIConnectOptions,
    JobContext,
    JobProcess,
    RunContext,
    function_tool,
    llm,
)
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS
from livekit.agents.voice.room_io import RoomOptions

from mortgage_fsm.heard import Slot
from mortgage_fsm.spoken import hear
from tests.benchmarks.plain_agents import Facts, PlainAdvisor, PlainPayment

AGENT_NAME = "plain"
EVERY_STEP = "every step"
GREETING = "Thank you for calling Example Mortgage Servicing. How can I help?"
FIRST_QUESTION = "Sure, let's set up your payment. What's your loan number?"

_numbers = itertools.count(1)


class HandingOver(PlainAdvisor):
    """Hands over without a word of its own: the quickest that LiveKit has."""

    async def on_enter(self) -> None:
        """Greet."""
        self.session.say(GREETING)

    @function_tool
    async def transfer_to_payment(self, ctx: RunContext[Facts]) -> Agent:  # type: ignore[override] # the agent alone
        """The caller wants to pay."""
        return PlainPayment()


class HandingOverToSteps(HandingOver):
    """The same, to the first of several agents."""

    @function_tool
    async def transfer_to_payment(self, ctx: RunContext[Facts]) -> Agent:  # type: ignore[override] # the agent alone
        """The caller wants to pay."""
        return Step(FIRST_QUESTION)


class Step(PlainPayment):
    """The payment agent for one step alone: its tools return the next one, which asks by itself."""

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    async def on_enter(self) -> None:
        """Ask."""
        self.session.say(self._question)

    @function_tool
    async def set_loan(self, ctx: RunContext[Facts], loan: str) -> Agent:  # type: ignore[override] # the agent alone
        """The caller says the loan number."""
        ctx.userdata.loan = loan
        return Step("Ask for the last four.")

    @function_tool
    async def verify(self, ctx: RunContext[Facts], last_four: str) -> Agent:  # type: ignore[override] # the agent alone
        """The caller says the last four."""
        ctx.userdata.verified = len(last_four) == 4
        return Step("Ask for the amount.")

    @function_tool
    async def set_amount(self, ctx: RunContext[Facts], amount: str) -> Agent:  # type: ignore[override] # the agent alone
        """The caller says the amount."""
        ctx.userdata.amount = amount
        return Step("Ask for the method.")

    @function_tool
    async def set_method(self, ctx: RunContext[Facts], method: str) -> Agent:  # type: ignore[override] # the agent alone
        """The caller says the method."""
        ctx.userdata.method = method
        return Step("Read it back.")


class Hearing(llm.LLM[Any]):
    """In place of a model: the tool that the words call for, and after a tool the sentence that it returned."""

    @property
    def model(self) -> str:
        """Its name."""
        return "rules"

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        **_: Any,
    ) -> llm.LLMStream:
        """One request."""
        return _Answer(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options)


class _Answer(llm.LLMStream):
    async def _run(self) -> None:
        last = next(each for each in reversed(self._chat_ctx.items) if each.type in {"message", "function_call_output"})
        if last.type == "function_call_output":
            delta = llm.ChoiceDelta(role="assistant", content=last.output or FIRST_QUESTION)
        elif last.type == "message" and last.role == "user":
            delta = llm.ChoiceDelta(role="assistant", tool_calls=[_call(last.text_content or "", self._names())])
        else:
            delta = llm.ChoiceDelta(role="assistant", content=FIRST_QUESTION)
        self._event_ch.send_nowait(llm.ChatChunk(id=f"plain-{next(_numbers)}", delta=delta))

    def _names(self) -> set[str]:
        return set(llm.ToolContext(self._tools).function_tools)


def _call(words: str, names: set[str]) -> llm.FunctionToolCall:
    """The tool call for these words, with the values that our rules hear in them."""
    slots = [hear(words, slot) for slot in (Slot.LOAN, Slot.LAST_FOUR, Slot.AMOUNT, Slot.METHOD, Slot.ASSENT)]
    loan, last_four, amount, method, assent = slots
    found: Mapping[str, Mapping[str, str]] = {
        **({"submit": {}} if assent.assent else {}),
        **({"set_method": {"method": str(method.method)}} if method.method else {}),
        **({"set_amount": {"amount": str(amount.amount)}} if amount.amount and "$" in words else {}),
        **({"verify": {"last_four": last_four.last_four}} if last_four.last_four else {}),
        **({"set_loan": {"loan": loan.loan}} if loan.loan else {}),
    }
    fitting = [name for name in found if name in names]
    name = fitting[-1] if fitting else "transfer_to_payment"
    return llm.FunctionToolCall(name=name, arguments=json.dumps(found.get(name, {})), call_id=f"plain-{next(_numbers)}")


def warmed(_: JobProcess) -> None:
    """Play a call that nobody made in each new process, as our program does: neither side's first caller waits for it."""
    logging.disable(logging.CRITICAL)
    asyncio.run(_play())
    logging.disable(logging.NOTSET)


async def _play() -> None:
    session = _session()
    await session.start(HandingOver(), record=False, session_host=False)
    for words in ("I'd like to make a payment", "10004471", "2190", "$1,850", "my bank account"):
        await session.run(user_input=words)
    await session.aclose()


def _session() -> AgentSession[Facts]:
    return AgentSession(
        userdata=Facts(), llm=Hearing(), vad=None, user_away_timeout=None, turn_handling={"turn_detection": None}
    )


server = AgentServer(setup_fnc=warmed)


@server.rtc_session(agent_name=AGENT_NAME)
async def answer(ctx: JobContext) -> None:
    """One call."""
    await ctx.connect()
    await ctx.wait_for_participant()
    session = _session()
    session.on("close", lambda _: ctx.shutdown())
    options = RoomOptions(audio_input=False, audio_output=False, text_input=True, text_output=True)
    advisor = HandingOverToSteps() if ctx.job.metadata == EVERY_STEP else HandingOver()
    await session.start(advisor, room=ctx.room, room_options=options, record=False, session_host=False)
