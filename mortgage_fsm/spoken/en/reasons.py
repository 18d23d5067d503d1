"""What callers say that sends them to one person rather than another; whether they want a person is read elsewhere."""

from __future__ import annotations

from typing import Final

from mortgage_fsm.heard import Reason
from mortgage_fsm.spoken.en.phrases import Kind, Meaning, Table, longest, tree
from mortgage_fsm.spoken.en.tokens import tokens

_RELATIVE: Final = "mother|father|mom|mum|dad|son|daughter|brother|sister|friend|neighbor|parent|parents|wife|husband"
_RELATIVES: Final = "mother's|father's|mom's|mum's|dad's|son's|daughter's|brother's|sister's|friend's|wife's|husband's"

REASONS: Final[Table] = {
    Meaning(Kind.INTENT, Reason.FRAUD): (
        "fraud", "fraudulent", "fraudster", "identity theft", "scam", "scammed", "scammer", "hacked", "hacker",
        "stole|stolen|steal|stealing my|our ~whole identity|information|account|card|money|loan",
        "my identity was|is|got|has ~been stolen", "impersonating me", "pretending|pretended|claiming to be me",
        "someone|somebody used|opened|has my|an|this|the ~identity|account|loan|card",
    ),
    Meaning(Kind.INTENT, Reason.DISPUTE): (
        "did|have not authorize|authorise|authorized|authorised|approve|approved",
        "never authorized|authorised|approved", "without my permission|authorization|authorisation|consent",
        "unauthorized", "unauthorised", "was|is|were not authorized|authorised", "dispute", "disputing", "disputed",
        "did not make this|that|the|any|these payment|charge|payments", "was not me", "took|charged|stole money",
        "charged me twice", "double charged", "charged twice", "complaint",
    ),
    Meaning(Kind.INTENT, Reason.OTHER_LOAN): (
        "someone|somebody else's ~loan|mortgage|payment|account", "on behalf of", f"for my {_RELATIVE}",
        f"my {_RELATIVES} ~home|house loan|mortgage|account|payment", "not my loan|mortgage|account",
        "my parents loan|mortgage", "power of attorney", "the estate", "passed away", "deceased",
    ),
    Meaning(Kind.INTENT, Reason.HARDSHIP): (
        "lost my|our|his|her job|income|work", "laid off", "out of work", "unemployed", "unemployment", "furloughed",
        "got|been|was fired", "hardship", "hardships", "forbearance", "loan modification", "modify my loan|mortgage",
        "can not afford ~to", "could not afford ~to", "can not make my|the|this|our ~mortgage|house|next payment|payments",
        "i|we can not pay", "fell|fallen|falling|fall|am|are|getting|got behind on my|the|our ~mortgage payment|payments",
        "struggling to pay|make|keep", "having trouble paying|making", "lose|losing my|our home|house", "foreclosure",
        "payment assistance", "repayment plan",
    ),
}  # fmt: skip
"""In the order in which they count where several are said."""

_PHRASES: Final = tree(REASONS)


def reason(text: str) -> Reason | None:
    """The first of the reasons above that the words name, or None."""
    words = [token.text for token in tokens(text)]
    said = {found[1].value for at in range(len(words)) if (found := longest(_PHRASES, words, at)) is not None}
    return next((each for each in _ORDER if each in said), None)


_ORDER: Final = tuple(meaning.value for meaning in REASONS if isinstance(meaning.value, Reason))
