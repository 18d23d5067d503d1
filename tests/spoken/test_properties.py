"""What must hold for every value, drawn at random: it reads back as itself or not at all, and a yes is a yes alone."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from mortgage_fsm.heard import Heard, Slot
from mortgage_fsm.spoken import amount, assent, hear, masked
from tests.spoken.renderings import DIGITS, PLAIN, amounts, pair_words

_fours = st.text("0123456789", min_size=4, max_size=4)
_eights = st.text("0123456789", min_size=8, max_size=8)
_any_digits = st.text("0123456789", min_size=3, max_size=19)
_cents = st.one_of(
    st.integers(1, 100_000_000), st.integers(1, 10_000), st.integers(1, 1_000_000).map(lambda dollars: dollars * 100)
)
_words = st.sampled_from(
    [
        "but",
        "if",
        "no",
        "not",
        "500",
        "escrow",
        "maybe",
        "when",
        "pay",
        "bank",
        "or",
        "is",
        "what",
        "never",
        "almost",
        "cancel",
        "another",
        "five",
        "1600",
        "change",
        "except",
        "friday",
        "agent",
        "wait",
        "tomorrow",
        "unless",
        "later",
        "wrong",
        "he",
        "half",
        "card",
        "dollars",
        "?",
        '"',
        "👍",
        "loan",
        "sorry",
        "then",
    ]
)
_plain_yes = st.sampled_from(
    ["yes", "yeah", "that's right", "correct", "go ahead", "ok", "yes please", "I confirm", "sure"]
)
_vocabulary = st.sampled_from(
    [
        "one",
        "two",
        "three",
        "four",
        "five",
        "oh",
        "zero",
        "ten",
        "twenty",
        "ninety",
        "hundred",
        "thousand",
        "and",
        "dollars",
        "cents",
        "$",
        "1",
        "20",
        "500",
        "1000",
        "4471",
        "2190",
        "for",
        "to",
        "too",
        "uh",
        "um",
        ",",
        ".",
        "-",
        "?",
        "no",
        "not",
        "yes",
        "loan",
        "number",
        "last",
        "social",
        "my",
        "is",
        "the",
        "pay",
        "bank",
        "card",
        "double",
        "triple",
        "a",
        "point",
        "%",
        "or",
        "about",
    ]
)


@given(_eights)
@settings(deadline=None)  # the machine that runs it may be busy
def test_a_loan_number_said_plainly_reads_back_as_itself(number: str) -> None:
    for name, render in PLAIN.items():
        assert hear(render(number), Slot.LOAN).loan == number, name


@given(_fours)
@settings(deadline=None)  # the machine that runs it may be busy
def test_a_last_four_said_plainly_reads_back_as_itself(number: str) -> None:
    for name, render in PLAIN.items():
        assert hear(render(number), Slot.LAST_FOUR).last_four == number, name


@given(_any_digits)
@example("912345203")
@example("20304050")
@settings(deadline=None)  # the machine that runs it may be busy
def test_digits_said_in_any_way_are_never_other_digits(number: str) -> None:
    for name, render in DIGITS.items():
        said = render(number)
        for slot in (Slot.LOAN, Slot.LAST_FOUR, Slot.METHOD, None):
            heard = hear(said, slot)
            if render is pair_words and len(number) > {Slot.LOAN: 8, Slot.LAST_FOUR: 4}.get(slot or Slot.METHOD, 99):
                continue  # "twelve fifty seven" is 1257 to who was asked for four digits, though 12507 is said alike
            assert heard.loan in (None, number), (name, slot)
            assert heard.last_four in (None, number), (name, slot)


@given(
    _eights,
    st.sampled_from(["my loan number is {}", "{} is my loan number", "it's for loan {}", "uh loan number {} please"]),
)
@settings(deadline=None)  # the machine that runs it may be busy
def test_a_loan_number_with_its_name_is_heard_in_every_state(number: str, frame: str) -> None:
    for slot in (None, *Slot):
        assert hear(frame.format(number), slot).loan == number


@given(_cents)
@example(100_000_000)
@example(1)
@example(145_025)
@settings(deadline=None)  # the machine that runs it may be busy
def test_an_amount_said_in_any_common_way_reads_back_as_itself(cents: int) -> None:
    for name, said in amounts(cents).items():
        assert amount(said) == cents, (name, said)


@given(st.integers(100_000_001, 10**12))
@settings(deadline=None)  # the machine that runs it may be busy
def test_more_than_a_million_dollars_is_no_amount(cents: int) -> None:
    for name, said in amounts(cents).items():
        assert amount(said) is None, (name, said)


@given(_plain_yes, _words)
@settings(deadline=None)  # the machine that runs it may be busy
def test_a_yes_with_anything_beside_it_is_no_yes(yes: str, word: str) -> None:
    assert assent(f"{yes} {word}") is not True
    assert assent(f"{yes}, {word} please") is not True
    assert assent(f"{word} something, {yes}") is not True


@given(_plain_yes, _cents)
@settings(deadline=None)  # the machine that runs it may be busy
def test_a_yes_with_an_amount_is_no_yes(yes: str, cents: int) -> None:
    for said in amounts(cents).values():
        assert assent(f"{yes}, {said}") is not True
        assert assent(f"{said} {yes}") is not True


@given(st.text(max_size=200), st.sampled_from([None, *Slot]))
@settings(max_examples=300, deadline=None)
def test_no_text_can_make_hearing_or_masking_fail(text: str, slot: Slot | None) -> None:
    assert isinstance(hear(text, slot), Heard)
    once = masked(text)
    assert masked(once) == once


@given(st.lists(_vocabulary, max_size=14).map(" ".join), st.sampled_from([None, *Slot]))
@settings(max_examples=400, deadline=None)
def test_words_in_any_order_give_well_formed_values_and_stable_masks(text: str, slot: Slot | None) -> None:
    heard = hear(text, slot)
    assert heard.loan is None or (len(heard.loan) == 8 and heard.loan.isdigit())
    assert heard.last_four is None or (len(heard.last_four) == 4 and heard.last_four.isdigit())
    assert not isinstance(heard.amount, int) or 0 < heard.amount <= 100_000_000
    once = masked(text)
    assert masked(once) == once
    assert not (heard.assent and heard.intents)


@given(st.lists(_vocabulary, max_size=8).map(" ".join), st.sampled_from(["or", "not", "if", "maybe", "no wait", "?"]))
@settings(deadline=None)  # the machine that runs it may be busy
def test_a_doubt_behind_it_takes_away_every_value(text: str, doubt: str) -> None:
    heard = hear(f"{text} {doubt}", Slot.AMOUNT)
    assert heard.amount is None
    assert heard.last_four is None
