"""Why a caller is to speak with a person, in their words."""

from __future__ import annotations

import pytest

from mortgage_fsm.heard import Intent, Reason
from mortgage_fsm.spoken import hear

BY_THEMSELVES = {
    Reason.DISPUTE: """
        I didn't authorise this payment|I did not authorize that payment|I never authorized this|unauthorized charge
        I want to dispute this charge|that wasn't me|I didn't make that payment|I want to file a complaint
        you took money without asking|this payment was not authorized""",
    Reason.FRAUD: """
        this is fraud|that's fraud|fraud|someone stole my identity|identity theft|this is a fraudulent charge
        I was scammed|my identity was stolen|somebody used my account|I've been hacked""",
}
"""Words that send a caller to a person though none is asked for."""

ONLY_WITH_A_PERSON = {
    Reason.HARDSHIP: """
        I lost my job|I can't pay|I lost my job, I can't pay|I was laid off last month|we can't afford the payment
        I've fallen behind on my payments|I'm out of work""",
    Reason.OTHER_LOAN: """
        it's my mother's loan|I'm calling about somebody else's mortgage|I'm calling on behalf of my father
        it is not my loan""",
}
"""Words that say which person, once one is asked for."""


def cases(table: dict[Reason, str]) -> list[tuple[Reason, str]]:
    return [
        (reason, words.strip())
        for reason, lines in table.items()
        for words in lines.replace("\n", "|").split("|")
        if words.strip()
    ]


@pytest.mark.parametrize(("reason", "words"), cases(BY_THEMSELVES))
def test_who_disputes_a_payment_or_speaks_of_fraud_is_sent_to_that_person(reason: Reason, words: str) -> None:
    heard = hear(words)
    assert heard.reason is reason
    assert Intent.HUMAN in heard.intents


@pytest.mark.parametrize(("reason", "words"), cases(ONLY_WITH_A_PERSON))
def test_hardship_and_somebody_elses_loan_ask_for_nobody_by_themselves(reason: Reason, words: str) -> None:
    heard = hear(words)
    assert heard.reason is reason
    assert Intent.HUMAN not in heard.intents
    asked = hear(f"{words}. can I talk to a person please")
    assert asked.reason is reason
    assert Intent.HUMAN in asked.intents


def test_fraud_counts_before_a_dispute_and_both_before_hardship() -> None:
    assert hear("I can't pay, I didn't authorize this, it's fraud").reason is Reason.FRAUD
    assert hear("I can't pay and I didn't authorize this").reason is Reason.DISPUTE


@pytest.mark.parametrize(
    "words", ["a person please", "I'd like to make a payment", "what is escrow?", "yes", "10004471", ""]
)
def test_words_that_name_no_reason_have_none(words: str) -> None:
    assert hear(words).reason is None
