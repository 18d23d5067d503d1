"""Yes and no: the only words that confirm, and the rule that nothing else may stand beside a yes."""

from __future__ import annotations

from typing import Final

from mortgage_fsm.spoken.en.phrases import Kind, Meaning, Table

ASSENT: Final[Table] = {
    Meaning(Kind.YES): (
        "yes", "yeah", "yep", "yup", "yea", "yah", "ya", "yessir", "yes sir|maam", "uh huh", "mhm", "mm hmm", "aye",
        "affirmative", "absolutely", "definitely", "certainly", "indeed", "totally", "exactly", "perfect",
        "of course", "for sure", "by all means", "sure thing", "you got it", "correct", "all correct", "confirmed",
        "i confirm ~it|that|this", "confirm", "confirm it|that|this", "i do", "i do confirm", "i agree", "agreed",
        "i accept", "i approve ~it|that|this", "approved", "i authorize|authorise it|that|this|you",
        "i authorize|authorise", "that is right|correct|fine|good|great|perfect|okay|ok",
        "that is all right|correct|good", "that is absolutely|exactly|quite|perfectly right|correct",
        "it is right|correct|fine|good", "yes it is", "yes that is", "yes i do|am|would|will|can", "yes you can|may",
        "you are right|correct", "everything is right|correct|good|fine", "all of that is right|correct", "all good",
        "that is all correct", "this is right|correct", "that all is right|correct", "go ahead", "please go ahead",
        "go for it", "please do", "please do so|it|that", "do it", "do that", "let us do it|that", "let us go ahead",
        "make it so", "go ahead and submit|process|make|pay|do|send|complete|confirm it|that|this",
        "go ahead and submit|process|make|send|complete the|that|my|this payment", "go ahead with it|that|this",
        "go ahead and submit|process|send|complete|confirm",
        "go ahead with the|my|that|this payment", "yes please ~do", "yes go ahead",
        "yes ~please submit|process|make|send|complete|confirm the|my|that|this payment",
        "yes ~please submit|process|make|pay|send|complete|confirm it|that|this", "submit it|that",
        "submit the|my|that|this payment", "process it|that", "process the|my|that|this payment", "proceed",
        "please proceed", "you may|can proceed", "you have my permission|consent|approval",
        "sounds good|great|right to me", "sounds good|great|perfect|fine",
        "that sounds good|great|perfect|fine ~to ~me", "looks good|great|fine ~to ~me",
        "that looks good|great|fine ~to ~me", "that works ~for ~me", "works for me", "that will work", "good to go",
        "we are good", "i am sure", "yes i am sure", "i am positive", "positive", "right on",
        "right that is right|correct", "yes indeed", "oh yes", "oh yeah", "yes yes",
        "yes that is right|correct go ahead",
    ),
    Meaning(Kind.WEAK_YES): (
        "ok", "okay", "alright", "all right", "right", "sure", "fine", "good", "great", "cool",
        "very well|good", "okey dokey", "alrighty",
    ),
    Meaning(Kind.NO): (
        "no", "nope", "nah", "naw", "no sir|maam", "no thanks", "no thank you", "no no", "no way", "negative no",
        "uh uh", "nuh uh", "nay", "absolutely|definitely|certainly|of not", "of course not", "do not",
        "please do not", "do not do it|that|this", "please do not do it|that|this",
        "do not submit|process|confirm|make|send it|that|this",
        "do not submit|process|confirm|make|send the|that|my|this payment", "do not go ahead",
        "that is wrong|incorrect", "that is not right|correct|it|what i said|want|wanted",
        "that is not what i want|wanted|said|asked", "that is not what i asked for", "it is wrong|incorrect",
        "it is not right|correct", "this is wrong|incorrect", "this is not right|correct", "not right", "not correct",
        "incorrect", "wrong", "that is not okay|ok|good|fine", "no it is not", "no that is not",
        "no that is not right|correct|it", "no that is wrong|incorrect", "no it is wrong",
        "no i do|would|am|will|can not", "i disagree", "i decline", "i do not agree|confirm|approve|authorize|accept",
        "you are wrong", "not at all", "no please",
    ),
}  # fmt: skip


_BESIDE_A_YES: Final = frozenset({Kind.YES, Kind.WEAK_YES, Kind.FILLER, Kind.THANKS})


def judged(kinds: frozenset[Kind], *, cut_off: bool) -> bool | None:
    """True, False or None from the kinds of everything said.

    Args:
        kinds: every kind that stands in the turn, pauses and full stops left out.
        cut_off: whether the turn trails off ("yes, but" has lost its end).
    """
    yes = bool(kinds & {Kind.YES, Kind.WEAK_YES})
    if yes == (Kind.NO in kinds) or cut_off:
        return None
    if not yes:
        return False
    if not kinds <= _BESIDE_A_YES or (Kind.THANKS in kinds and Kind.YES not in kinds):
        return None  # "okay, thanks" may be a farewell
    return True
