"""The words of a question that can say what it is about, as the index and the query both see them."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_LONGEST_QUESTION: Final = 2_000
"""Characters. Three minutes of speech; anything longer is not a question."""
_MASKED: Final = re.compile(r"\[[^\[\]]{0,40}\]")
"""What `spoken.masked` leaves in place of a value: `[8 digits]`, `[amount 1]`."""
_WORD: Final = re.compile(r"[a-z0-9]+")
_APOSTROPHE: Final = re.compile("['\N{RIGHT SINGLE QUOTATION MARK}]")
_SPELLED: Final = re.compile(r"\b[a-z0-9](?:[ .]+[a-z](?![a-z0-9]))+")

# Words that shape a sentence, and the fillers of speech. Anything that could name a subject stays out of this list.
_FILLERS: Final = frozenset(
    """
    a about actually after again all also am an and any anybody anyone anything anyway anyways are aren as ask
    at basically be because been before being but by came can cant cause come comes could couldnt curious did
    didnt do does doesnt doing done dont else even ever every exactly for from get gets getting go goes going
    gonna got gotta guess guy guys had has hasnt have havent having he hello help her here hers hes hey hi him
    his hmm how hows i id if ill im in into is isnt it its ive just kind kinda know let lets like little ll look
    made make makes many may maybe me mean might mine much must my myself near need needs no not now of off oh
    ok okay on once one or other our out over own people please put question quick re really right said say says
    she shes should show so some somebody someone something sorry still stuff such suppose sure t tell than
    thank thanks that thats the their them then there theres these they theyre thing things think this those
    though to too uh um under up us use ve very wanna want wants was wasnt way we well went were weve what
    whatever whats when whens where wheres which who whos whose why will with wondering wont would yall yeah yes
    yet you your youre yours
    """.split()  # noqa: SIM905 - a list of words is easiest read as words
)


def words(text: str) -> list[str]:
    """Lower-case words of ASCII letters and digits, in order; spelled letters joined (`p m i` is `pmi`)."""
    plain = unicodedata.normalize("NFKD", _MASKED.sub(" ", text)).casefold()
    plain = _APOSTROPHE.sub("", plain)
    joined = _SPELLED.sub(lambda spelled: re.sub(r"[ .]+", "", spelled.group()), plain)
    return _WORD.findall(joined)


def telling_words(text: str) -> list[str]:
    """The words of a question without fillers, each once, in order."""
    return list(dict.fromkeys(word for word in words(text) if word not in _FILLERS))


def question(query: str) -> str:
    """The query without masks and control characters, or nothing when it asks about nothing."""
    if len(query) > _LONGEST_QUESTION or not telling_words(query):
        return ""
    printable = (char if char.isprintable() else " " for char in _MASKED.sub(" ", query))
    return " ".join("".join(printable).split())
