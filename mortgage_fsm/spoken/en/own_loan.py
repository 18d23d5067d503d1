"""How callers ask about their own loan, and how they name the amount due without a figure."""

from __future__ import annotations

from typing import Final

from mortgage_fsm.heard import LoanFact, Wish
from mortgage_fsm.spoken.en.phrases import Kind, Meaning, Table

FACTS: Final[Table] = {
    Meaning(Kind.FACT, LoanFact.AMOUNT_DUE): (
        "how much do i ~still owe ~you|now|you+guys|this+month|right+now|for+this+month|on+it",
        "how much do i owe on my|the|this loan|mortgage", "what do i owe ~you|now ~guys|this ~month",
        "how much is my|the ~next|monthly|regular payment|bill ~due|this+month|due+now|now",
        "how much is my|the ~mortgage|house|current|loan payment|bill ~due|this+month|due+now|now",
        "how much is due ~now|this|today|on|right ~month|now|my|the ~loan|mortgage", "how much is it",
        "how much is the amount due", "how much is my mortgage",
        "what is my|the ~next|monthly|regular payment ~amount|due|this+month|due+this+month|amount+due",
        "what is my|the ~mortgage|house|current|loan payment ~amount|due|this+month|due+this+month|amount+due",
        "what is this month's ~mortgage payment",
        "what is my|the amount due ~now|this|on|right ~month|now|my|the ~loan|mortgage",
        "what is due ~now|this|on|right|today ~month|now|my|the ~loan|mortgage", "what are my payments",
        "what amount is due", "what amount do i owe", "what is my bill ~this ~month",
        "how much do i have|need to pay ~this|now|today|right ~month|now",
        "what do i have|need to pay ~this|now ~month", "how much am i supposed to pay ~this ~month",
        "how much should i pay ~this ~month", "how much do i owe and when is it due",
        "how much is my payment and when is it due", "what is my payment and when is it due", "how much do you need",
        "what is the amount i owe",
        "~can+you|could+you|can+you+please|could+you+please|please tell me how much i owe ~this+month",
        "tell me my|the payment|amount ~amount|due", "know how much i owe ~this ~month", "know my|the payment amount",
        "know my|the amount due", "tell me what i owe ~this ~month", "know what i owe ~this ~month",
        "what i owe on my loan|mortgage",
    ),
    Meaning(Kind.FACT, LoanFact.DUE_DATE): (
        "when is my|the ~next|monthly|mortgage|house|loan payment|bill|mortgage due ~date|by|on",
        "when is my|the mortgage|loan|bill due", "when is it due", "when is that due", "when am i due",
        "when are my payments due",
        "what is my|the ~next|payment|mortgage due date ~on+my+loan|on+the+loan",
        "what is my|the ~next|payment|mortgage due date ~on+my+mortgage|for+my+loan|for+my+mortgage",
        "when is my|the due date", "what is my|the ~payment|next|mortgage due date ~for",
        "when do i have|need to pay ~by|it|next ~by", "when is my|the next ~mortgage payment",
        "what day is my|the ~mortgage|next payment due ~on", "what date is my|the ~mortgage|next payment due ~on",
        "when is the payment due date", "when does my|the payment come due",
        "tell me when my|the ~next payment is due", "know when my|the ~next payment is due",
        "tell me my|the due date", "know my|the due date", "when is the next one due", "when do i owe", "due date",
    ),
    Meaning(Kind.FACT, LoanFact.LAST_PAYMENT): (
        "when did you ~guys|last get|receive|post|process my|the ~last|latest|most+recent|previous ~mortgage payment",
        "did you ~guys ~already|ever get|receive my|the|our|a ~last|latest|previous|mortgage payment ~yet|from+me",
        "did my|the ~last|latest|previous|mortgage payment go+through|go+in|come+through|come+in|post|clear ~yet",
        "did my|the ~last payment post|clear|arrive",
        "have you ~guys received|gotten|got my|the ~last|latest|mortgage payment ~yet",
        "has my|the ~last|latest|mortgage payment been received|posted|processed|applied ~yet",
        "has my|the ~last payment posted|cleared|arrived|gone|come ~through|in|yet",
        "was my|the ~last|latest|mortgage payment received|posted|processed|applied",
        "when was my|the last|latest|most ~recent ~mortgage payment ~received|made|posted",
        "what was my|the last|latest|most ~recent ~mortgage payment ~amount", "when did i last pay",
        "when did i make my|the last payment", "how much was my|the last payment", "what is my|the last payment",
        "when did my|the last payment post|go ~through", "did you get my last payment",
        "did you get the payment i sent ~you|in", "did it go through", "did my payment go through",
    ),
}  # fmt: skip

WISHES: Final[Table] = {
    Meaning(Kind.WISH, Wish.AMOUNT_DUE): (
        "amount due", "the|my|full|total|whole|current|monthly amount due",
        "the|my full|total|whole|current|monthly|entire|minimum|regular amount due", "amount that is due",
        "the amount that is due", "the amount owed|owing", "amount i owe", "the amount i owe ~this|now ~month",
        "my|the regular|usual|normal|monthly ~monthly|mortgage|house|loan payment|amount|installment|instalment",
        "my|the standard|full|typical|ordinary ~monthly|mortgage|house|loan payment|amount|installment|instalment",
        "regular|usual|normal|monthly|standard|full payment|amount",
        "regular|usual|normal|standard|full monthly ~mortgage payment|amount",
        "my|the|a full|regular|usual|normal ~monthly|mortgage payment", "the usual", "my usual", "usual",
        "what i owe ~this|for|now|right ~month|this|now ~month",
        "whatever i owe ~this|for|now|right ~month|this|now ~month",
        "whatever is due ~now|today|right+now|this+month", "pay ~you what is due ~now|today|right+now|this+month",
        "whatever the|my ~monthly|regular payment|amount|bill is ~this+month|for+this+month",
        "whatever the|my ~monthly payment|amount is due", "whatever amount is due", "whatever it is that is due",
        "what is owed ~now|this ~month", "whatever is owed", "this month's payment|amount|bill",
        "this month's mortgage ~payment", "the payment due", "payment due", "my payment due",
        "the payment that is due", "the current payment", "current payment", "the current amount",
        "the one that is due", "the monthly", "just the monthly", "my monthly", "the same as usual|always",
        "same as usual|always", "same as always", "the standard payment", "my mortgage payment amount",
        "my regular mortgage", "the full monthly payment", "the amount on my|the bill|statement",
        "~the|my ~current|total balance due ~now|today|right+now|this+month",
        "pay ~you the|my ~current|total balance|amount|payment due ~now|today|right+now|this+month",
        "the payment amount due", "the scheduled payment", "my scheduled payment",
        "the required payment", "the full payment due", "my full payment due", "my|the monthly payment that is due",
    ),
}  # fmt: skip
