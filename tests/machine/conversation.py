"""A caller and a world for the machine alone: whole turns and single triggers, with findings made up on the spot."""

from __future__ import annotations

from typing import Any

from mortgage_fsm.heard import Heard, Intent, LoanFact, Method
from mortgage_fsm.machine import Call, Decision, Effect, Finding, Moved, Refused, State, Trigger, decide
from mortgage_fsm.machine.turn import fold, following

LOAN, OTHER_LOAN = "10000001", "10000002"
LAST_FOUR = "9012"
BANK, CARD, AUTOPAY = Method
ON_FILE = frozenset({BANK, AUTOPAY})
DUE = 145_025

OFFERED: dict[Trigger, str] = {
    Trigger.LOAN_OFFERED: "loan",
    Trigger.AMOUNT_OFFERED: "amount",
    Trigger.METHOD_OFFERED: "method",
    Trigger.LOAN_FACT_ASKED: "loan_fact",
}


class Conversation:
    """One call. The loan is plain and payable, the last four is LAST_FOUR, three attempts may be compared."""

    def __init__(self, call: Call | None = None, **world: Any) -> None:
        self.call = call or Call()
        self.decisions: list[Decision] = []
        self.turn = 0
        self.clock = 1_000.0
        self.attempts = 3
        self.world: dict[str, Any] = {"payable": True, "methods": ON_FILE, "amount_due": DUE, "maximum": None, **world}

    # --- single triggers

    def fire(self, trigger: Trigger, **found: Any) -> Decision:
        """Decide on one trigger and adopt the answer."""
        submission = self.call.in_flight
        finding = {
            **self.world,
            "now": self.clock,
            "turn": self.turn,
            "number": submission.number if submission else self.call.read_backs,
            "confirmation": "770001",
            **found,
        }
        decision = decide(self.call, trigger, Finding(**finding))
        self.decisions.append(decision)
        self.call = decision.after
        return decision

    def told(self) -> Decision:
        """The read-back was spoken to its end."""
        self.clock += 10
        return self.fire(Trigger.READ_BACK_FINISHED)

    def answered(self, trigger: Trigger = Trigger.PAYMENT_ACCEPTED, **found: Any) -> Decision:
        """The gateway's answer."""
        return self.fire(trigger, **found)

    # --- whole turns

    def says(self, chosen: Trigger, **heard: Any) -> list[Decision]:
        """A caller's turn: the trigger chosen for it, and all that was heard in its words."""
        self.turn += 1
        self.clock += 5
        words = Heard(**{**heard, "intents": frozenset(heard.get("intents", ()))})
        left = fold(self.call, chosen, words)
        taken: list[Decision] = []
        current: Trigger | None = following(self.call, left) or chosen
        while current is not None:
            left -= {current}
            taken.append(self._one(current, words))
            current = following(self.call, left)
        return taken

    def _one(self, trigger: Trigger, words: Heard) -> Decision:
        found: dict[str, Any] = {}
        if trigger in OFFERED:
            found[OFFERED[trigger]] = getattr(words, OFFERED[trigger])
        if trigger is Trigger.IDENTITY_OFFERED and words.last_four is not None:
            self.attempts -= 1
            found |= {
                "last_four_heard": True,
                "counted": self.attempts >= 0,
                "matches": words.last_four == LAST_FOUR,
                "attempts_remain": self.attempts > 0,
            }
        if trigger is Trigger.PAYMENT_CONFIRMED:
            found["yes"] = words.assent is True
        return self.fire(trigger, **found)

    # --- what callers say

    def asks_to_pay(self, **heard: Any) -> list[Decision]:
        return self.says(Trigger.PAYMENT_REQUESTED, **heard)

    def gives_loan(self, loan: str = LOAN) -> list[Decision]:
        return self.says(Trigger.LOAN_OFFERED, loan=loan)

    def gives_last_four(self, last_four: str = LAST_FOUR) -> list[Decision]:
        return self.says(Trigger.IDENTITY_OFFERED, last_four=last_four)

    def gives_amount(self, amount: Any = 50_000) -> list[Decision]:
        return self.says(Trigger.AMOUNT_OFFERED, amount=amount)

    def gives_method(self, method: Method = BANK) -> list[Decision]:
        return self.says(Trigger.METHOD_OFFERED, method=method)

    def asks_when_it_is_due(self, **heard: Any) -> list[Decision]:
        return self.says(Trigger.LOAN_FACT_ASKED, loan_fact=LoanFact.DUE_DATE, intents={Intent.LOAN_FACT}, **heard)

    def says_yes(self) -> Decision:
        return self.says(Trigger.PAYMENT_CONFIRMED, assent=True)[-1]

    # --- what tests ask

    @property
    def last(self) -> Decision:
        return self.decisions[-1]

    @property
    def effects(self) -> tuple[Effect, ...]:
        """Of the last decision."""
        return self.last.effects if isinstance(self.last, Moved) else ()

    @property
    def reason(self) -> str | None:
        """Of the last refusal; None if the last trigger was accepted."""
        return self.last.reason if isinstance(self.last, Refused) else None

    @property
    def state(self) -> State:
        return self.call.state

    def sent(self) -> int:
        """Submissions and enrolments sent in this call."""
        sends = {Effect.SUBMIT_PAYMENT, Effect.RECORD_ENROLMENT}
        return sum(bool(sends & set(each.effects)) for each in self.decisions if isinstance(each, Moved))


# --- calls that stand somewhere


def identified(*, paying: bool = True, **world: Any) -> Conversation:
    """In amount, or (not paying) in advising with identity proved for a loan fact."""
    talk = Conversation(**world)
    if paying:
        talk.asks_to_pay()
    else:
        talk.asks_when_it_is_due()
    talk.gives_loan()
    talk.gives_last_four()
    return talk


def in_method(**world: Any) -> Conversation:
    talk = identified(**world)
    talk.gives_amount()
    return talk


def reading_back(method: Method = BANK, **world: Any) -> Conversation:
    """In confirming, the read-back playing."""
    talk = in_method(**world)
    talk.gives_method(method)
    return talk


def read_back(method: Method = BANK, **world: Any) -> Conversation:
    """In confirming, the read-back heard to its end."""
    talk = reading_back(method, **world)
    talk.told()
    return talk


def in_flight(method: Method = BANK, **world: Any) -> Conversation:
    talk = read_back(method, **world)
    talk.says_yes()
    return talk


def submitted(**world: Any) -> Conversation:
    talk = in_flight(**world)
    talk.answered()
    return talk


def verifying() -> Conversation:
    talk = Conversation()
    talk.asks_to_pay()
    talk.gives_loan()
    return talk


def locked() -> Conversation:
    talk = verifying()
    for _ in range(3):
        talk.gives_last_four("9999")
    return talk


def with_call(talk: Conversation, **facts: Any) -> Conversation:
    """The same conversation with facts of its call exchanged."""
    talk.call = talk.call._replace(**facts)
    return talk
