"""The two agents of a call. Both only pass on: who they are follows from the state, what happens from the machine."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from types import MappingProxyType
from typing import Any, Final, Protocol

from livekit.agents import Agent, EndpointingOptions, RunContext, llm

from mortgage_fsm.machine import Call, State, Trigger
from mortgage_fsm.voice.listener import heard_by
from mortgage_fsm.voice.prompts import Prompts, prompts
from mortgage_fsm.voice.speech import Speech
from mortgage_fsm.voice.tools import tools_of

_numbers = count(1)

CARRIED = 12
"""Messages that the next agent is handed; the facts go along in the call, not in words."""


NUMBERS = EndpointingOptions(min_delay=1.0, max_delay=4.0)
"""People read numbers off paper, in groups: a pause between two groups must not end the turn."""
END_OF_TURN: Final = MappingProxyType(
    {
        State.ADVISING: EndpointingOptions(min_delay=0.4, max_delay=2.5),
        State.COLLECTING_LOAN: NUMBERS,
        State.VERIFYING: NUMBERS,
        State.AMOUNT: NUMBERS,
        State.METHOD: EndpointingOptions(min_delay=0.4, max_delay=2.0),
        State.CONFIRMING: EndpointingOptions(min_delay=0.4, max_delay=2.0),
        State.SUBMITTED: EndpointingOptions(min_delay=0.4, max_delay=2.5),
    }
)
"""Seconds of silence after which a caller's turn has ended: the least, and the most where the words sound unfinished."""


class Doors(Protocol):
    """What an agent may ask of the orchestrator."""

    async def fire(
        self, trigger: Trigger | None, agent: StateAgent, heard_by: str, question: str | None = None
    ) -> None:
        """Give a trigger to the orchestrator; None: nothing was understood."""
        ...

    async def entered(self, agent: StateAgent) -> None:
        """This agent has taken over; it says its opening and is heard to the end."""
        ...


class StateAgent(Agent):
    """An agent for one stay in one state, made afresh for every handoff.

    Args:
        opening: what it says first.
        reads_back: number of the read-back that it speaks after its opening, or None.
        question: looked up and answered after that.
        told: what a model is told of its tools; None: in English.
        models: its own `llm`, `stt` and `tts`; those that are left out are the session's.
    """

    def __init__(
        self,
        doors: Doors,
        state: State,
        *,
        instructions: str,
        chat_ctx: llm.ChatContext | None = None,
        opening: Speech | None = None,
        reads_back: int | None = None,
        question: str | None = None,
        told: Prompts | None = None,
        models: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.doors = doors
        self.state = state
        self.opening = opening
        self.reads_back = reads_back
        self.question = question
        super().__init__(
            id=f"{state}-{next(_numbers)}",
            instructions=instructions,
            chat_ctx=chat_ctx,
            tools=list(tools_of(state, self, told)),
            turn_handling={"endpointing": END_OF_TURN[state]},
            **models,
        )

    async def on_enter(self) -> None:
        """Taken over: speak."""
        await self.doors.entered(self)

    async def fired(self, trigger: Trigger | None, ctx: RunContext[Any], question: str | None = None) -> None:
        """A tool of this agent was called."""
        await self.doors.fire(trigger, self, heard_by(ctx.function_call.call_id), question)


class MortgageRetrievalAgent(StateAgent):
    """Advises: questions are answered from the knowledge base, nothing ungrounded is spoken."""


class PaymentFlowAgent(StateAgent):
    """Takes one step of a payment. Every word it says comes from the phrases."""


def agent_class(state: State) -> type[StateAgent]:
    """The agent of a state."""
    return MortgageRetrievalAgent if state is State.ADVISING else PaymentFlowAgent


class Agents:
    """The agents of one call, in its language, each with its own models.

    Args:
        models: of each of the two, what it has of its own: `llm`, `stt` and `tts`.
    """

    def __init__(
        self, language: str = "en", models: Mapping[type[StateAgent], Mapping[str, Any]] = MappingProxyType({})
    ) -> None:
        self._told = prompts(language)
        self._models = models

    def agent(
        self,
        doors: Doors,
        call: Call,
        topics: tuple[str, ...] = (),
        history: llm.ChatContext | None = None,
        *,
        opening: Speech,
        question: str | None = None,
    ) -> StateAgent:
        """A fresh agent for the state in which a call stands, with the last of what was said.

        `topics` are the ids of those answered in this call, `history` is the session's, `opening` is said first, and
        `question` is looked up and answered after it.
        """
        read_back = call.read_back
        carried = history and history.copy(
            exclude_function_call=True,
            exclude_instructions=True,
            exclude_handoff=True,
            exclude_config_update=True,
            exclude_empty_message=True,
        ).truncate(max_items=CARRIED)
        kind = agent_class(call.state)
        return kind(
            doors,
            call.state,
            instructions=self._told.routing(call, topics),
            chat_ctx=carried,
            opening=opening,
            reads_back=read_back.number if read_back is not None and read_back.finish is None else None,
            question=question,
            told=self._told,
            models=self._models.get(kind, {}),
        )
