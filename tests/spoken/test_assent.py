"""Yes and no, as callers say them."""

# ruff: noqa: RUF001 - look-alike characters are among what is tested
from __future__ import annotations

import pytest

from mortgage_fsm.heard import Slot
from mortgage_fsm.spoken import assent, hear

YES = """
yes|yeah|yep|yup|Yes.|Yes!|YES|yes yes|yes, yes, yes|uh, yes|um yeah|oh yes|well yes|yes sir|yes ma'am
yes please|yes, please.|correct
that's right|that's correct|that is correct|That's right.|thats right|right|correct, yes|yes, that's correct
yep that's right|sure|sure thing
absolutely|definitely|certainly|of course|go ahead|please go ahead|yes, go ahead|yes that's right go ahead
please do|do it|do that
confirm|I confirm|I confirm it|confirmed|yes I confirm|ok|okay|okay yes|OK, yes please|alright|all right
sounds good|that sounds good
looks good to me|that works|works for me|uh huh|uh-huh|mm-hmm|mhm|perfect|exactly|you got it|yes you may|I agree
agreed|I do
I authorize it|I authorise that|submit it|process the payment|yes, submit the payment|yes process it
go ahead and submit it
go ahead and make the payment|let's do it|proceed|please proceed|that's fine|it's correct|everything is correct
yes it is|yes I do|affirmative
yes thank you|yes, thanks|yeah, that's right, thank you|ｙｅｓ|good|great|fine|yea|for sure|by all means
that is right|all correct|that's perfect
"""
NO = """
no|nope|nah|No.|no no|no, no, no|no thanks|no thank you|no, thank you|that's wrong|that's not right
that's not correct|that is incorrect
incorrect|wrong|not right|not correct|don't|please don't|no don't|don't do it|do not submit it|no sir|uh, no
um nope|no way|absolutely not
definitely not|it's wrong|no that's wrong|no it's not|no, that's not right|I don't agree
don't submit the payment|no please
"""
NEITHER = """
|   |yes?|Yes?|right?|is that right|is that correct?|that's right?|ok?|yes, but make it 1600|yes but|yes, but
yes and|yes if|yes if it's today
yes, if you waive the fee|yes when I get paid|yeah no|no yes|yes no|yes and no|yes or no|no, I mean yes
right, what is escrow|yes what is escrow|yes pay|k|that's correct?|the right one|exactly what|go
correct the amount
I said yes to the other guy|he said yes|my wife said yes|she says yes|I don't know|not sure|I'm not sure|I guess
I guess so|maybe|I think so
probably|I suppose so|possibly|wait|hold on|hang on a second|one moment|wait yes|yes wait|yes, hold on|sorry
what|pardon|huh
no problem|no worries|not really|not yet|why not|yes 500|yes, 1600|yes ten|yes two one nine zero
yes from my bank|yes autopay|yes cancel
yes, change the amount|yes, tomorrow|yes on friday|yes please, to my credit card|yes operator|yes representative
yes unless it's late|yes...|yes -
yes—|yes,|"yes"|'yes'|yes 👍|👍|si|oui|yes drop table loans|yes; drop table|<b>yes</b>|{yes}|%s yes|yes%n
yesterday|yeshiva|yessir no
okay thanks|ok thank you|alright thanks|right so|ok so|ok then|I see|got it|understood|if you say so|whatever
yeah right|you bet
would you say yes|should I say yes|do I say yes|say yes|did I say yes|can I say yes|I didn't say yes
never say yes|not yes|don't say yes
yes to the first one|yes for the loan|yes my loan|yes but no|no but yes|it's not wrong|that's not wrong
not incorrect|I wouldn't say no|no doubt|no question
yes the other one|yes except the amount|yes almost|almost correct|nearly right|half right|partly correct
mostly right|correct amount wrong card
yes I have a question|yes, one question|yes how much is that|yes and what's the fee|yes actually no|actually yes
sorry yes
"""


def _lines(table: str) -> list[str]:
    return [words for row in table.strip("\n").split("\n") for words in row.split("|")]


@pytest.mark.parametrize("words", _lines(YES))
def test_a_plain_yes_is_a_yes(words: str) -> None:
    assert assent(words) is True
    assert hear(words, Slot.ASSENT).complete


@pytest.mark.parametrize("words", _lines(NO))
def test_a_plain_no_is_a_no(words: str) -> None:
    assert assent(words) is False
    assert hear(words, Slot.ASSENT).complete


@pytest.mark.parametrize("words", [*_lines(NEITHER), "yes\u200b", "yes\x00", "y\u200bes", "ye\u0301s", "\u202eyes"])
def test_anything_else_is_no_yes(words: str) -> None:
    assert assent(words) is not True


@pytest.mark.parametrize(
    "words", ["yes no", "yeah no", "no but yes", "I don't know", "maybe", "no problem", "wait", "no what is escrow"]
)
def test_what_is_neither_is_heard_as_neither(words: str) -> None:
    assert assent(words) is None


@pytest.mark.parametrize("words", ["500, no, 600", "10004471 no sorry 10004472"])
def test_a_no_that_takes_back_a_number_answers_nothing(words: str) -> None:
    assert assent(words) is None
