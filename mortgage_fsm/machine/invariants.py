"""What must hold for every call, in words and numbers that the diagram prints and the exploration checks by name."""

from __future__ import annotations

from typing import NamedTuple


class Invariant(NamedTuple):
    """A rule that no sequence of triggers can break. Numbers are those of the design; gaps belong to other rooms."""

    number: str
    sentence: str


INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "1",
        "Amount, method, and confirming with nothing in flight hold a matched identity for the loan that stands; nothing "
        "is submitted without it; submitted is entered only from a submission.",
    ),
    Invariant(
        "2",
        "A matched identity is never that of another loan, and ends with another loan, lock-out, hang-up, the idle limit, "
        "a restart or a failed record. After hang-up only an answer of the gateway moves; after lock-out the state is "
        "advising.",
    ),
    Invariant(
        "3",
        "Identity becomes matched only by an attempt that was counted before it was compared. The caller is asked for "
        "another attempt exactly when one may still be compared; otherwise the call is locked.",
    ),
    Invariant(
        "4",
        "Only the identity check sets identity. No value, no last four and no yes is accepted without having been heard in "
        "this turn; no loan fact is answered that was not asked for in this call.",
    ),
    Invariant(
        "5",
        "A submission needs a read-back that was spoken to its end, and the yes in the very next caller turn, within its "
        "time, of exactly the facts that stand, with a repeated payment announced. A late playout report or an early yes "
        "moves nothing. Confirming is never entered without a read-back starting.",
    ),
    Invariant(
        "6",
        "Outside confirming there is no read-back, and no accepted trigger but a late result leaves an earlier one "
        "finished. Any change of loan, amount or method voids it.",
    ),
    Invariant("7", "What is in flight is what was confirmed, is what was read back, is what stands, until the answer."),
    Invariant("8", "A submission starts only with nothing in flight, and uses up its read-back."),
    Invariant(
        "9",
        "Submitted is entered exactly by payment_accepted or enrolment_recorded; a confirmation number appears exactly "
        "there; who is in submitted has one.",
    ),
    Invariant(
        "10",
        "What is in flight ends only by an answer, which is accepted wherever it can arrive. Unresolved puts the loan among "
        "the outstanding, which only payment_resolved empties, in every state; nothing is submitted on an outstanding "
        "loan; after an answer that is no decline no amount is left over.",
    ),
    Invariant("11", "A failed record leads to advising (submitted stays) and expires identity."),
    Invariant("14", "A trigger without a row, or whose guards fail, changes nothing."),
    Invariant(
        "15",
        "Method, confirming and submissions hold an amount within limits; confirming and submissions a method on file.",
    ),
    Invariant(
        "17",
        "While identity does not hold, no decision depends on any fact of the loan (existence, flag, outstanding payments, "
        "limits, methods on file, figures, paid today), except that of the attempt that matches.",
    ),
    Invariant("18", "No fact of the loan is answered, and no amount of it settled, before identity holds."),
    Invariant(
        "19",
        "From every open state a person can be asked for, also in flight (then after the answer); a failed transfer is "
        "always answered; from every state the advisor can be reached and the call can end; no transfer starts unasked or in flight.",
    ),
    Invariant(
        "21",
        "Nothing is asked that is known, and nothing is lost: a fact is cleared only by the rows that say so; amount and "
        "method never pass from a proved loan to another; the same loan again changes nothing.",
    ),
    Invariant(
        "22",
        "No payment is begun, read back by a yes, or submitted, and no fact of the loan is told, on a flagged loan; no "
        "payment on an outstanding one.",
    ),
    Invariant("23", "An enrolment is never answered as a payment, nor a payment as an enrolment."),
    Invariant(
        "24",
        "A caller who asks to pay, or proves identity having asked, comes to the first missing fact of a payable loan; a "
        "good amount, method and yes are always taken; a decline leads to another method. Who asked for a loan fact alone "
        "comes back to advising with its answer, not into a payment.",
    ),
    Invariant(
        "25",
        "Only a question, the advisor, a cancel, a decline, an unresolved answer, lock-out, a loan that cannot be paid, a "
        "statement not agreed to, a loan fact answered, hang-up and a failed record lead back to advising. Submitted is left only by a question, the "
        "advisor, a loan fact or asking to pay.",
    ),
    Invariant(
        "26",
        "What a row says it clears is gone: amount and method after cancel, acceptance, unresolved, lock-out, hang-up and "
        "failed record; the method after a decline; the fact whose change was asked; everything after hang-up.",
    ),
    Invariant(
        "27",
        "Nothing is submitted before every statement of the tenant was agreed to, each by a yes in the very next caller "
        "turn after it was spoken to its end, for this payment; a no to one ends the payment.",
    ),
)
