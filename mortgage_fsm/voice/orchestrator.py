"""The orchestrator of one call: lock, find facts, decide, record, adopt, hand over, say. The only caller of update_agent.

It knows no word of what the call is about: what happened is a trigger, what is so is a finding, what is said comes from
the wording. A caller turn is taken under the lock, so decisions never interleave; the outside world is asked outside
it: meanwhile the caller may ask for a person, or hang up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import structlog
from livekit.agents import AgentSession

from mortgage_fsm.machine import Call, Decision, Effect, Moved, State, Transfer, Trigger
from mortgage_fsm.machine.turn import agrees, fold, following
from mortgage_fsm.voice import rules
from mortgage_fsm.voice.advisor import Advisor
from mortgage_fsm.voice.agents import Agents, StateAgent
from mortgage_fsm.voice.beginning import Beginning
from mortgage_fsm.voice.choosing import Choosing
from mortgage_fsm.voice.deciding import CALL, TIMER, Decider, begins_transfer, does, leaves_unread, unanswered
from mortgage_fsm.voice.desk import Answered, Desk
from mortgage_fsm.voice.leaving import Leaving
from mortgage_fsm.voice.listener import RULES
from mortgage_fsm.voice.metrics import Component
from mortgage_fsm.voice.recording import Recorder
from mortgage_fsm.voice.sending import answer_to
from mortgage_fsm.voice.silence import Silence
from mortgage_fsm.voice.speech import Speech, Wording, heard_out
from mortgage_fsm.voice.tools import NOT_UNDERSTOOD
from mortgage_fsm.voice.transfer import PersonLine
from mortgage_fsm.voice.turns import STILL_TAKEN, Entry, Hear, Turn, Turns
from mortgage_fsm.voice.voiceless import Voiceless
from mortgage_fsm.voice.watch import Watch

log = structlog.get_logger("mortgage_fsm.orchestrator")


class Orchestrator:
    """One call. Give it a started-to-be AgentSession with `start`; everything else comes by its doors.

    Args:
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        *,
        beginning: Beginning,
        hear: Hear,
        desk: Desk,
        wording: Wording,
        recorder: Recorder,
        advisor: Advisor,
        person: PersonLine,
        watch: Watch | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._watch = watch or Watch()
        self._decider = Decider(beginning.call, desk, recorder, clock, self._watch)
        self._beginning = beginning
        self._desk = desk
        self._wording = wording
        self._recorder = recorder
        self._advisor = advisor
        self._person = person
        self._clock = clock
        self._lock = asyncio.Lock()
        self._misses = 0
        self._accepts: Trigger | None = None
        self._sending: asyncio.Task[Answered] | None = None
        self._silence = Silence(self._silent, lambda: not (self.goodbye.is_set() or self._is_busy()))
        self._turns = Turns(hear, lambda: self.call, lambda: self._accepts, clock, self._silence.broken)
        self.ears = Choosing(lambda: self.call, self._turns, lambda: self._accepts, recorder)
        self._leaving = Leaving(self._hang_up)
        self._voiceless = Voiceless(self._unheard)
        self.goodbye, self.settled = self._leaving.goodbye, self._leaving.settled

    @property
    def call(self) -> Call:
        """What the machine knows of this call. Read only."""
        return self._decider.call

    async def _decide(self, trigger: Trigger, heard_by: str, number: int = 0, turn: Turn | None = None) -> Decision:
        return await self._decider.decide(trigger, heard_by, turn or self._turns.last, number)

    # --- life of a call

    async def start(self, session: AgentSession[Any], agents: Agents, **options: Any) -> None:
        """Record how the call begins, and begin to speak. `options` go to `AgentSession.start`."""
        self._session = session
        self._agents = agents
        self._voiceless.attach(session)
        session.on("conversation_item_added", self._turns.said)
        session.on("user_input_transcribed", self._turns.transcribed)
        session.on("user_state_changed", self._silence.changed)
        opening = await self._beginning.begin(self._decider, self._turns, self._recorder, self._wording)
        self._agent = agents.agent(self, self.call, opening=opening)
        await session.start(self._agent, record=False, session_host=False, **options)

    async def close(self) -> None:
        """The caller is gone. A submission under way is waited for; the record of the end is the last."""
        async with self._lock:
            if not self.call.ended:
                await self._decide(Trigger.CALL_HUNG_UP, CALL)
        answered = await asyncio.shield(self._sending) if self._sending is not None else None
        async with self._lock:
            await self._take_answer(answered)
            await self._decider.end()

    # --- the one way in

    async def fire(
        self,
        trigger: Trigger | None,
        agent: StateAgent,
        heard_by: str,
        question: str | None = None,
        entry: Entry | None = None,
    ) -> None:
        """A trigger was chosen for the caller's latest turn; None: nothing was understood. Ends in speech or a handoff.

        `entry`: a turn of its own, of keys, which chooses its trigger itself.
        """
        try:
            await self._fire(trigger, agent, heard_by, question, entry)
        except Exception as error:  # noqa: BLE001 - the caller must not be left in silence, and the message could quote them
            log.error("turn_failed", error=type(error).__name__)  # noqa: TRY400 - no traceback: frames hold values
            self._watch.failed(Component.TURN)
            self._say(self._wording.trouble())

    async def _fire(
        self, trigger: Trigger | None, agent: StateAgent, heard_by: str, question: str | None, entry: Entry | None
    ) -> None:
        async with self._lock:
            if entry is not None and agent is self._agent:
                trigger = rules.chosen(self.call, self._turns.keyed(entry).heard)
            decisions = await self._take(trigger, agent, heard_by)
            sent = next((each for each in decisions if isinstance(each, Moved) and self._desk.sends(each)), None)
            if sent is None and decisions:
                self._answer(decisions, question)
        if sent is not None:
            self._sending = asyncio.ensure_future(self._desk.send(sent, self._decider.now))
            # Shielded: neither a barge-in, a hang-up nor the end of the process's patience may cut a submission short.
            answered = await answer_to(self._sending, self._still_sending)
            async with self._lock:
                decisions += await self._take_answer(answered)
                self._answer(decisions, question)
        if self._agent is agent and any(begins_transfer(each) for each in decisions):
            await self._transfer()
        elif self._agent is agent and does(decisions, Effect.LOOK_UP):
            self._say(await self._looked_up(question))

    def _still_sending(self) -> None:
        if not self.call.ended:
            self._say(self._wording.again(self.call, None, self._misses))

    async def _take_answer(self, answered: Answered | None) -> list[Decision]:
        """Take in the outside world's answer, once: the turn that sent and the end of the call may both have waited."""
        if answered is None or self.call.in_flight is None:
            return []
        return [await self._decider.take_answer(answered, self._turns.last)]

    async def _take(self, trigger: Trigger | None, agent: StateAgent, heard_by: str) -> list[Decision]:
        turn = self._turns.last
        turn.answered = True
        self._desk.note(turn.heard)
        stale = agent is not self._agent or self.goodbye.is_set() or self._decider.over
        if stale or turn.is_closed_to(trigger, heard_by):
            reason = "stale" if stale else "already_answered"
            self._recorder.edge_refusal(self.call, trigger, reason, heard_by, turn)
            return []
        decisions = await self._decider.first(trigger, turn)
        if any(map(unanswered, decisions)):
            return decisions
        if trigger is None or not agrees(trigger, turn.heard):
            return decisions or await self._missed(trigger, heard_by)
        left = fold(self.call, trigger, turn.heard)
        current: Trigger | None = following(self.call, left) or trigger
        while current is not None:
            left -= {current}
            decision = await self._decide(current, heard_by, turn=turn)
            decisions.append(decision)
            if isinstance(decision, Moved):
                turn.spent = turn.spent or trigger not in STILL_TAKEN
                self._misses = 0
            if decision.trigger is not current or unanswered(decision):
                break
            current = following(self.call, left)
        return await self._reading_back_anew(decisions)

    async def _missed(self, trigger: Trigger | None, heard_by: str) -> list[Decision]:
        """Nothing was understood, or the words do not bear out what was chosen: a remark, or the ladder."""
        call, heard, known = self.call, self._turns.last.heard, self._desk.known
        remark = rules.reply_to(call, heard, offered=self._accepts is not None)
        reason = "not_heard" if trigger is not None else remark or NOT_UNDERSTOOD
        self._recorder.edge_refusal(call, trigger, reason, heard_by, self._turns.last)
        if remark is not None:
            await self._remind(self._wording.remark(remark, call, known))
            return []
        self._misses += not self._is_busy()
        self._watch.asked_again(call.state)
        await self._remind(self._wording.again(call, known, self._misses))
        return []

    async def _remind(self, speech: Speech) -> None:
        """Say this. Where a yes is waited for, read back again: the next yes must be to that, not to what was just said."""
        decisions = [] if speech.ends else await self._reading_back_anew([])
        if decisions:
            self._answer(decisions, None, first=speech)
        else:
            self._say(speech)

    async def _silent(self, times: int) -> None:
        self._session.reset_away_timer()  # LiveKit tells of a silence once, unless it is told to listen for the next
        async with self._lock:
            self._turns.forget()
            await self._remind(self._wording.silence(self.call.state, times))

    def _is_busy(self) -> bool:
        """Something was sent and not yet answered, or a person is being fetched: the call must not end."""
        return self.call.in_flight is not None or self.call.transfer is not None

    async def _hang_up(self, turn: int) -> bool:
        async with self._lock:
            if self._turns.last.number == turn and not self._is_busy():
                await self._decide(Trigger.CALL_HUNG_UP, TIMER)
        return self.call.ended

    async def _unheard(self) -> None:
        """Nothing that we say is heard any more: to a person without a word, and if there is none the call is over."""
        async with self._lock:
            if self._is_busy() or self.goodbye.is_set() or self.call.ended:
                return
            await self._decide(Trigger.HUMAN_ASKED, CALL)
        await self._transfer()
        if await self._hang_up(self._turns.last.number):
            self.goodbye.set()

    async def _reading_back_anew(self, decisions: list[Decision]) -> list[Decision]:
        """A turn that leaves the call in confirming with nothing read back, and asks nothing itself, reads back again."""
        if not leaves_unread(self.call, decisions):
            return decisions
        return [*decisions, await self._decide(Trigger.REPEAT_ASKED, RULES)]

    # --- speaking

    def _answer(self, decisions: list[Decision], question: str | None, first: Speech | None = None) -> None:
        """One handoff, to the agent of the state in which the turn ended; or, where that is the same, a sentence."""
        speech = first or self._wording.opening(decisions, self._desk.known, self._desk.transferred)
        last = decisions[-1]
        effects = last.effects if isinstance(last, Moved) else ()
        if self.call.ended:
            return
        if self.call.state is self._agent.state and Effect.READ_BACK not in effects:
            if speech.text:
                self._say(speech)
            return
        looks_up = (question or self._turns.last.words) if Effect.LOOK_UP in effects else None
        self._agent = self._agents.agent(
            self, self.call, self._advisor.topics, self._session.history, opening=speech, question=looks_up
        )
        self._watch.handing_over(self._agent.id)
        self._session.update_agent(self._agent)

    async def entered(self, agent: StateAgent) -> None:
        """An agent took over. Words that fell into the gap come first; otherwise it speaks, and is heard to the end."""
        if agent is not self._agent:
            return
        words, leaving = self._turns.in_the_gap(), self.call.transfer is Transfer.UNDER_WAY
        if words and not leaving and agent.state is not State.SUBMITTED:
            self._session.generate_reply(user_input=words)
            return
        if agent.opening is not None and agent.opening.text:
            await self._say(agent.opening)
        if leaving:
            await self._transfer()
            return
        if agent.question is not None:
            await self._say(await self._looked_up(agent.question))
        if agent.reads_back is not None:
            await self._read_back(agent, agent.reads_back)

    def _say(self, speech: Speech) -> Any:
        self._accepts = speech.accepts
        self._said = self._session.say(speech.text)
        if speech.ends:
            self._leaving.after(self._said, self._turns.last.number)
        return self._said

    async def _read_back(self, agent: StateAgent, number: int) -> None:
        """The facts, which cannot be interrupted, then the question, which can; then whether both were heard out."""
        told = self._wording.read_back(self.call, self._desk.known)
        facts = await self._session.say(told, allow_interruptions=False)
        if agent is not self._agent:
            return
        asked = await self._say(Speech(self._wording.read_back_question(self.call)))
        async with self._lock:
            if agent is self._agent:
                report = Trigger.READ_BACK_FINISHED if heard_out(facts, asked) else Trigger.READ_BACK_INTERRUPTED
                await self._decide(report, CALL, number)

    async def _looked_up(self, question: str | None) -> Speech:
        """The answer to a question, and then what the call is waiting for."""
        answer = await self._advisor.answer(question or self._turns.last.words)
        asking = self._wording.asking(self.call, self._desk.known)
        return replace(asking, text=f"{answer} {asking.text}")

    async def _transfer(self) -> None:
        await self._said  # "I'll get you to a person" is heard before the line is gone
        if self._desk.reached(await self._person.connect(self._desk.briefing(self.call, self._advisor.topics))):
            self.goodbye.set()
            return
        async with self._lock:
            self._answer([await self._decide(Trigger.TRANSFER_FAILED, CALL)], None)
