"""What the caller wants done, out of the phrases that were said and the sentences they stand in."""

from __future__ import annotations

from typing import Final

from mortgage_fsm.heard import Intent, LoanFact, Slot, Wish
from mortgage_fsm.spoken.en.phrases import Kind
from mortgage_fsm.spoken.en.sentences import Sentence, Turn

_MEANT_IN_A_QUESTION: Final = frozenset(
    {Intent.HUMAN, Intent.REPEAT, Intent.GREETING, Intent.WHO, Intent.NO_LOAN_NUMBER}
)
_CHANGING: Final = ("change", "raise", "lower", "increase", "reduce", "update")
_THANKING: Final = frozenset({Kind.THANKS, Kind.FILLER, Kind.PAUSE, Kind.STOP, Kind.WEAK_YES})
_WANTING: Final = frozenset({Kind.REQUEST, Kind.MODAL, Kind.ACTION, Kind.LINK})
_IGNORANCE: Final = frozenset({"i do not know", "do not know"})
_AMOUNT_SLOTS: Final = (Slot.AMOUNT, Slot.ASSENT)


def intents(turn: Turn, expecting: Slot | None) -> frozenset[Intent]:
    """Every intent of the turn; one that is only asked about ("how do I cancel") is a question instead."""
    found = {intent for sentence in turn.sentences for intent in _of(sentence, expecting)}
    if fact(turn) is not None:
        found.add(Intent.LOAN_FACT)
    elif any(sentence.fact is not None for sentence in turn.sentences):
        found.add(Intent.QUESTION)
    if Kind.WISH in turn.kinds and any(_makes(sentence) for sentence in turn.sentences):
        found.add(Intent.PAY)
    if Intent.PAY in found and any(map(_will_not, turn.sentences)):
        found = found - {Intent.PAY} | {Intent.CANCEL}
    if {Intent.PAY, Intent.CANCEL} <= found and _begins_again(turn):
        found = found - {Intent.CANCEL}
    if Kind.THANKS in turn.kinds <= _THANKING:
        found.add(Intent.THANKS)
    return frozenset(found)


def fact(turn: Turn) -> LoanFact | None:
    """The one loan fact that is asked for, when nothing else is asked beside it."""
    asked = {sentence.fact.meaning.value for sentence in turn.sentences if sentence.fact is not None}
    only = asked.pop() if len(asked) == 1 and not any(sentence.is_question for sentence in turn.sentences) else None
    return only if isinstance(only, LoanFact) else None


def wish(turn: Turn, expecting: Slot | None) -> Wish | None:
    """The wish for the amount due, said where an amount is asked for or as what to pay."""
    if any(
        sentence.kinds & {Kind.UNKNOWN} or sentence.is_asked
        for sentence in turn.sentences
        if Kind.WISH in sentence.kinds
    ):
        return None
    said = turn.kinds
    wanted = (
        expecting in _AMOUNT_SLOTS
        or bool(said & {Kind.ACTION, Kind.CUE, Kind.METHOD})
        or any(map(_makes, turn.sentences))
    )
    return Wish.AMOUNT_DUE if Kind.WISH in said and wanted else None


def _of(sentence: Sentence, expecting: Slot | None) -> set[Intent]:
    found: set[Intent] = set()
    for at, item in enumerate(sentence.items):
        value = item.meaning.value
        if isinstance(value, Intent):
            if item.kind is Kind.ACTION:
                meant = sentence.is_action(at) and not sentence.kinds & {Kind.DOUBT}
            else:
                meant = not sentence.is_asked or value in _MEANT_IN_A_QUESTION
            if meant:
                found.add(value)
        elif item.kind is Kind.CUE and item.text.startswith(_CHANGING):
            found.add(Intent.CHANGE_AMOUNT)
        elif expecting is Slot.LOAN and (item.kind is Kind.NOT_KNOWN or item.text in _IGNORANCE):
            found.add(Intent.NO_LOAN_NUMBER)
    if sentence.is_question:
        found.add(Intent.QUESTION)
    return found


PARTS: Final = {
    Intent.CHANGE_AMOUNT: ("amount", "the amount", "the payment amount", "how much", "how much i pay", "the dollar amount"),
    Intent.CHANGE_METHOD: (
        "how i pay", "how i am paying", "how to pay", "the method", "the payment method", "the account", "the card",
        "the bank account", "the way i pay",
    ),
    Intent.CHANGE_LOAN: ("the loan", "the loan number", "loan number", "the account number", "the mortgage"),
}  # fmt: skip
"""What can be changed, by name alone: an answer to "What should I change?" and nothing else."""
_PART: Final = {words: part for part, said in PARTS.items() for words in said}
_ALONE: Final = {"what": Intent.REPEAT}
_ASKS_FOR_THE_READ_BACK: Final = dict.fromkeys(
    (
        "what was the amount", "what was the amount again", "what is the amount", "how much was it", "how much was that",
        "how much is that", "what was the total", "what did i say", "which account was that", "which card was that",
        "which account is that", "which loan was that", "what are we paying", "what am i paying",
    ),
    Intent.REPEAT,
)  # fmt: skip
"""Questions about what was just read back: the answer is to read it back again."""
_BESIDE_A_PART: Final = frozenset({Kind.PAUSE, Kind.STOP, Kind.FILLER, Kind.THANKS})


def said_alone(turn: Turn, expecting: Slot | None) -> Intent | None:
    """The intent of a turn that is nothing but one name: at the read-back, of the part to be changed."""
    items = [item for sentence in turn.sentences for item in sentence.items if item.kind not in _BESIDE_A_PART]
    words = " ".join(item.text for item in items).removesuffix(" ?")
    if turn.trails_off:
        return None
    at_the_read_back = (_PART | _ASKS_FOR_THE_READ_BACK).get(words) if expecting is Slot.ASSENT else None
    return _ALONE.get(words) or at_the_read_back


def _begins_again(turn: Turn) -> bool:
    """As in "forget that, I need to pay": what is to be forgotten is what was said before."""
    said = [item.meaning.value for sentence in turn.sentences for item in sentence.items]
    return Intent.CANCEL in said and Intent.PAY in said[len(said) - said[::-1].index(Intent.CANCEL) :]


def _will_not(sentence: Sentence) -> bool:
    """As in "no I don't | want to pay"."""
    return any(
        item.kind is Kind.NO and item.text.endswith(" not") and after.kind in _WANTING
        for item, after in zip(sentence.items, sentence.items[1:], strict=False)
    )


def _makes(sentence: Sentence) -> bool:
    """As in "I'd like to make my regular payment", "pay what is due"."""
    return any(item.kind is Kind.WISH and item.text.startswith("pay") for item in sentence.items) or any(
        item.text in ("make", "do", "send") and before.kind in (Kind.REQUEST, Kind.MODAL)
        for before, item in zip(sentence.items, sentence.items[1:], strict=False)
    )
