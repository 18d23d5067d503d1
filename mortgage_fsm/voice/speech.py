"""What is said after a decision: sentences chosen by effect, reason and state, filled in from the ledger by code."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from livekit.agents.voice import SpeechHandle

from mortgage_fsm.heard import LoanFact, Method, Wish
from mortgage_fsm.ledger.ports import Loan
from mortgage_fsm.machine import Call, Decision, Effect, Moved, State, Trigger
from mortgage_fsm.voice.filling import Filling
from mortgage_fsm.voice.moves import drops_the_amount, goes_back, took_value
from mortgage_fsm.voice.phrases import Phrases
from mortgage_fsm.voice.rendering import money, spelled
from mortgage_fsm.voice.rules import PARTING
from mortgage_fsm.voice.terms import Terms
from mortgage_fsm.voice.transfer import Reached

QUIET = frozenset({Effect.LOOK_UP, Effect.READ_BACK, Effect.SUBMIT_PAYMENT, Effect.RECORD_ENROLMENT})
"""Effects that are done, not said."""

LAST_WORD = frozenset({Effect.OFFER_A_PERSON, Effect.TRANSFER, Effect.CLOSE, Effect.ASK_WHAT_TO_CHANGE})
"""Effects whose sentence ends in a question of its own, or ends the talk: the state's question is not asked as well."""

ASKS_NOTHING = frozenset({"goodbye", "go_ahead", "go_on", "loan_confirmed"})
"""Remarks after which the state's question is not asked as well."""

LAST_MISS = 5
"""Turns in a row of which nothing was understood, the last of them answered with the offer of a person; then goodbye."""

LAST_SILENCE = 3
"""The silence in a row that is answered with goodbye."""

OFFERING = frozenset({"no_loan_number"})
"""Remarks that end in the offer of a person."""

REASONS_THAT_OFFER_A_PERSON = frozenset(
    {"not_locked", "loan_is_payable", "nothing_outstanding", "attempt_is_counted", "attempts_remain"}
)


@dataclass(frozen=True, slots=True)
class Speech:
    """The sentences of one speaker, and what they offer."""

    text: str = ""
    accepts: Trigger | None = None
    """What a plain yes to it means, where it ends in an offer."""
    ends: bool = False
    """The call ends after it, unless the caller then says something."""


def heard_out(*spoken: SpeechHandle) -> bool:
    """Whether all of it was heard to the end. With speech dead, or dying half-way, only the items are missing."""
    return all(not each.interrupted and each.exception() is None and each.chat_items for each in spoken)


class Wording:
    """Turns decisions into sentences. Knows the language and the servicer, nothing of sessions.

    Args:
        keypad: whether the caller has keys to press, which are then offered.
    """

    def __init__(self, phrases: Phrases, servicer: str, terms: Terms | None = None, *, keypad: bool = False) -> None:
        self._phrases = phrases
        self._servicer = servicer
        self._terms = terms or Terms()
        self._keypad = keypad
        self._filling = Filling(phrases, self._terms)

    def greeting(self) -> str:
        """The first sentences of a call: that it is recorded, if it is, and that this is an automated assistant."""
        first = self._phrases.say("greeting", "first", servicer=self._servicer)
        return f"{self._phrases.say('greeting', 'recorded')} {first}" if self._terms.recorded else first

    def trouble(self) -> Speech:
        """Something of ours failed; the call stands where it stood."""
        return Speech(self._phrases.say("remark", "trouble"))

    def remark(self, key: str, call: Call, loan: Loan | None) -> Speech:
        """A sentence that goes with no move, and the state's question where the sentence asks none itself."""
        greets = f"{key}_{call.state}"
        if self._phrases.has("remark", greets) and not call.paying:
            return Speech(self._phrases.say("remark", greets))
        if key == PARTING:
            return Speech(self._phrases.say("remark", "parting_unpaid" if call.paying else PARTING), ends=True)
        said = self._phrases.say("remark", key)
        if key in ASKS_NOTHING:
            return Speech(said)
        if key in OFFERING:
            return Speech(said, Trigger.HUMAN_ASKED)
        if key == "declined_offer" and call.state is State.ADVISING:
            return Speech(f"{said} {self.question(call, loan)}")  # the same offer again would be pressing
        asked = self.asking(call, loan)
        return Speech(f"{said} {asked.text}", asked.accepts)

    def asking(self, call: Call, loan: Loan | None, *, due_said: bool = False, noted: bool = False) -> Speech:
        """The state's question alone; in advising, the offer to go on with what was left off, or to begin it."""
        if call.state is State.ADVISING and call.paying:
            return Speech(self._phrases.say("question", "advising_paused"), Trigger.PAYMENT_REQUESTED)
        if call.state in {State.ADVISING, State.SUBMITTED} and noted:
            return Speech(self._phrases.say("question", "advising_noted"), Trigger.PAYMENT_REQUESTED)
        if call.state is State.METHOD and loan is not None and not self._filling.offered(loan):
            return Speech(self._phrases.say("question", "method_none"), Trigger.HUMAN_ASKED)
        return Speech(self.question(call, loan, due_said=due_said))

    def again(self, call: Call, loan: Loan | None, misses: int) -> Speech:
        """The no-match ladder: the question again, then with an example, then the offer of a person, then goodbye."""
        if call.in_flight is not None:
            return Speech(self._phrases.say("refused", "nothing_in_flight"))
        if misses > LAST_MISS:
            return Speech(self._phrases.say("remark", "giving_up"), ends=True)
        if call.state is State.METHOD and loan is not None and not self._filling.offered(loan):
            return self.asking(call, loan)
        key = "statement" if self._asks_statement(call) else call.state
        text = self._phrases.step("again", key, misses, methods=self._filling.methods(loan))
        if misses == 1 and self._keypad and self._phrases.has("keypad", call.state):
            text = f"{text} {self._phrases.say('keypad', call.state)}"
        offers = misses >= 3 and call.state is not State.CONFIRMING
        return Speech(text, Trigger.HUMAN_ASKED if offers else None)

    def silence(self, state: State, times: int) -> Speech:
        """The silence ladder: still there?, a person?, goodbye."""
        if times >= LAST_SILENCE:
            return Speech(self._phrases.say("silence", "goodbye"), ends=True)
        key = str(state) if times == 1 else "person"
        offers = key == "person" and state is not State.CONFIRMING
        if key == "person" and not offers:
            key = "person_confirming"  # an offer would take the yes that the read-back waits for
        return Speech(self._phrases.say("silence", key), Trigger.HUMAN_ASKED if offers else None)

    def question(self, call: Call, loan: Loan | None, *, due_said: bool = False) -> str:
        """What the state asks for. In confirming that is the question after the read-back's facts."""
        match call.state:
            case State.VERIFYING:
                return self._phrases.say("question", "verifying", loan_digits=spelled(call.loan or ""))
            case State.AMOUNT if loan is not None and loan.amount_due > 0 and not due_said:
                return self._phrases.say("question", "amount_due", **self._filling.loan(loan))
            case State.METHOD:
                one = loan is not None and len(self._filling.offered(loan)) == 1
                return self._phrases.say(
                    "question", "method_one" if one else "method", methods=self._filling.methods(loan)
                )
            case State.CONFIRMING:
                return self.read_back_question(call)
            case state:
                return self._phrases.say("question", state)

    def opening(self, decisions: list[Decision], loan: Loan | None, reached: Reached | None = None) -> Speech:
        """All that the caller hears after the decisions of one turn, but for the read-back itself.

        `reached`: how a transfer went, where one was tried.
        """
        last = decisions[-1]
        call = last.after
        parts: list[str] = []
        due_said = False
        moved = [each for each in decisions if isinstance(each, Moved)]
        origin = decisions[0].before.state
        for each in moved:
            for effect in each.effects:
                closed = effect is Effect.SAY_TRANSFER_FAILED and reached is Reached.CLOSED
                parts.append(self._closed(call) if closed else self._effect(effect, each, loan))
                due_said |= effect is Effect.ANSWER and each.before.loan_fact is LoanFact.AMOUNT_DUE
                due_said |= effect is Effect.ANSWER and each.finding.loan_fact is LoanFact.AMOUNT_DUE
        parts += [self._refusal(each.reason, call, loan) for each in decisions if not isinstance(each, Moved)]
        tells_too_late = call.locked and call.state is State.ADVISING and took_value(moved)
        if tells_too_late:
            parts.append(self._refusal("not_locked", call, loan))
        elif origin is not call.state and not any(parts):
            parts.append(self._handoff(moved, call, origin))
        elif moved and not any(parts) and call.state is not State.CONFIRMING:
            parts.append(self._phrases.say("remark", "noted" if took_value(moved) else "changed"))
        if any(map(drops_the_amount, moved)):
            parts.append(self._phrases.say("handoff", "amount_dropped", **self._filling.limits(call, loan)))
        effects = {effect for each in moved for effect in each.effects}
        if Effect.LOOK_UP in effects:
            news = [part for part in parts if part] if Effect.SAY_THE_RESULT in effects else []
            return Speech(" ".join(news))  # the answer to the question comes next, and asks what comes after it
        offers = Effect.OFFER_A_PERSON in effects
        if not offers and (
            tells_too_late
            or any(not isinstance(each, Moved) and each.reason in REASONS_THAT_OFFER_A_PERSON for each in decisions)
        ):
            parts.append(self._phrases.say("effect", Effect.OFFER_A_PERSON))
            offers = True
        asks_itself = effects & LAST_WORD or Effect.SAY_NO_MATCH in effects or self._reads_back(call)
        if not offers and not asks_itself and call.in_flight is None:
            due_said |= origin in {State.METHOD, State.CONFIRMING}
            asked = self.asking(call, loan, due_said=due_said, noted=took_value(moved))
            parts.append(asked.text)
            accepts = asked.accepts
        else:
            accepts = Trigger.HUMAN_ASKED if offers else None
        return Speech(" ".join(part for part in parts if part), accepts)

    def read_back(self, call: Call, loan: Loan | None) -> str:
        """The facts that a yes will confirm, all of them and nothing else; or the statement that comes before them."""
        read_back = call.read_back
        if read_back is None:
            return ""
        if read_back.statement is not None:
            return self._terms.statements[read_back.statement - 1]
        facts = read_back.facts
        values = self._filling.facts(facts, loan)
        if facts.method is Method.AUTOPAY:
            key = "enrolment_due" if facts.amount is Wish.AMOUNT_DUE else "enrolment"
            return self._phrases.say("read_back", key, **values)
        parts = [self._phrases.say("read_back", "payment", **values)]
        if loan is not None and isinstance(facts.amount, int) and facts.amount < loan.amount_due:
            parts.append(self._phrases.say("read_back", "partial", **values))
        if read_back.repeat_announced:
            parts.append(self._phrases.say("read_back", "repeat", **values))
        if facts.method is Method.BANK_TRANSFER:
            # What an authorisation by telephone must say (Nacha Operating Rules, 2.5.15 TEL).
            parts.append(self._phrases.say("read_back", "authorisation", **values))
        return " ".join(parts)

    @property
    def read_back_hash(self) -> str:
        """SHA-256, in hex, of the sentences, not filled in, that read-backs of this call are made of."""
        parts = (self._phrases.digest("read_back", "instrument", "part"), self._terms.inquiry, *self._terms.statements)
        return sha256("\x00".join(part or "" for part in parts).encode()).hexdigest()

    def read_back_question(self, call: Call) -> str:
        """The yes-or-no question after the read-back, or after a statement."""
        if self._asks_statement(call):
            return self._phrases.say("read_back", "statement_question")
        enrols = call.read_back is not None and call.read_back.facts.method is Method.AUTOPAY
        return self._phrases.say("read_back", "enrolment_question" if enrols else "question")

    # --- parts of an opening

    @staticmethod
    def _asks_statement(call: Call) -> bool:
        if call.state is not State.CONFIRMING:
            return False
        if call.read_back is None:
            return call.agreed < call.policy.statements
        return call.read_back.statement is not None

    def _reads_back(self, call: Call) -> bool:
        return call.state is State.CONFIRMING and call.read_back is not None

    def _effect(self, effect: Effect, moved: Moved, loan: Loan | None) -> str:
        if effect in QUIET:
            return ""
        if effect is Effect.SAY_AGAIN and moved.after.state is State.SUBMITTED and moved.after.confirmation:
            return self._phrases.say("remark", "number_again", confirmation=moved.after.confirmation)
        if effect is Effect.ANSWER:
            fact = moved.finding.loan_fact or moved.before.loan_fact
            return self._loan_fact(fact, loan) if fact and loan else ""
        if effect is Effect.SAY_WHY_NOT and moved.finding.payable:
            return self._refusal("nothing_outstanding", moved.after, loan)
        return self._phrases.say("effect", effect, **self._effect_values(moved, loan))

    def _closed(self, call: Call) -> str:
        """Nobody is there at this hour; a callback goes to the number on file, so there must be a loan."""
        return self._phrases.say("closed", "callback" if call.loan else "no_callback")

    def _effect_values(self, moved: Moved, loan: Loan | None) -> dict[str, str]:
        sent = moved.before.in_flight.facts if moved.before.in_flight else None
        result = "result_accepted" if moved.finding.confirmation else "result_declined"
        return {
            **self._filling.limits(moved.after, loan),
            "loan_digits": spelled(moved.after.loan or ""),
            "amount": money(sent.amount) if sent and isinstance(sent.amount, int) else "",
            "confirmation": moved.after.confirmation or "",
            "reference": moved.finding.confirmation or "",
            "result": self._phrases.say("part", result),
        }

    def _refusal(self, reason: str, call: Call, loan: Loan | None) -> str:
        return self._phrases.say("refused", reason, **self._filling.limits(call, loan))

    def _handoff(self, moved: list[Moved], call: Call, origin: State) -> str:
        verified = any(each.before.identity is None and each.after.identity is not None for each in moved)
        key = str(call.state)
        expired = call.state is State.VERIFYING and call.identity is not None
        if not expired and origin not in {State.ADVISING, State.SUBMITTED} and goes_back(origin, call.state):
            return self._phrases.say("remark", "changed")
        if call.state is State.COLLECTING_LOAN and not call.paying:
            key = "collecting_loan_fact"
        elif expired:
            key = "verifying_again"
        elif verified and self._phrases.has("handoff", f"{call.state}_verified"):
            key = f"{call.state}_verified"
        if not self._phrases.has("handoff", key):
            return ""
        amount = money(call.amount) if isinstance(call.amount, int) else ""
        if key == "method" and not amount:
            return ""
        return self._phrases.say("handoff", key, amount=amount)

    def _loan_fact(self, fact: LoanFact, loan: Loan) -> str:
        key = str(fact)
        if fact is LoanFact.LAST_PAYMENT and loan.last_payment is None:
            key = "last_payment_none"
        elif fact is not LoanFact.LAST_PAYMENT and loan.amount_due <= 0:
            key = "amount_due_none"
        return self._phrases.say("loan_fact", key, **self._filling.loan(loan))
