"""What the sentences are filled in with: limits, the loan's own figures, the facts of a payment, the ways to pay."""

from __future__ import annotations

from datetime import datetime

from mortgage_fsm.heard import Method
from mortgage_fsm.ledger.ports import Loan
from mortgage_fsm.machine import Call, Facts
from mortgage_fsm.voice.phrases import Phrases
from mortgage_fsm.voice.rendering import day, either, money, spelled, telephone
from mortgage_fsm.voice.terms import Terms


class Filling:
    """Values by the names under which sentences have them."""

    def __init__(self, phrases: Phrases, terms: Terms) -> None:
        self._phrases = phrases
        self._terms = terms

    def limits(self, call: Call, loan: Loan | None) -> dict[str, str]:
        """What one payment may be; on a loan, no more than pays it off."""
        most = call.policy.maximum_cents
        if loan is not None and loan.payoff is not None:
            most = max(min(most, loan.payoff), call.policy.minimum_cents)
        return {"minimum": money(call.policy.minimum_cents), "maximum": money(most)}

    def loan(self, loan: Loan) -> dict[str, str]:
        """What is due and was paid."""
        return {
            "amount_due": money(loan.amount_due),
            "due_date": day(loan.due_date, self._phrases),
            "last_payment": money(loan.last_payment or 0),
            "last_payment_date": day(loan.last_payment_date, self._phrases) if loan.last_payment_date else "",
        }

    def facts(self, facts: Facts, loan: Loan | None) -> dict[str, str]:
        """What a yes confirms."""
        instrument = loan.instrument(facts.method) if loan else None
        description = instrument.description if instrument else ""
        return {
            "amount": money(facts.amount) if isinstance(facts.amount, int) else "",
            "amount_due": money(loan.amount_due) if loan else "",
            "instrument": self._phrases.say("instrument", facts.method, description=description),
            "loan_ending": spelled(facts.loan[-4:]),
            "today": day(datetime.now(self._terms.zone).date(), self._phrases),
            "inquiry": telephone(self._terms.inquiry) if self._terms.inquiry else self._phrases.say("part", "inquiry"),
        }

    def offered(self, loan: Loan) -> list[Method]:
        """The methods that are taken and on file for a loan, in the order in which they are offered."""
        methods = [method for method in (Method.BANK_TRANSFER, Method.DEBIT_CARD) if loan.instrument(method)]
        if loan.instrument(Method.AUTOPAY) and not loan.autopay_active:
            methods.append(Method.AUTOPAY)
        return [method for method in methods if method in self._terms.methods]

    def methods(self, loan: Loan | None) -> str:
        """The methods that are offered, as a choice."""
        if loan is None:
            return ""
        options = []
        for method in self.offered(loan):
            instrument = loan.instrument(method)
            description = instrument.description if instrument else ""
            options.append(self._phrases.say("instrument", f"offered_{method}", description=description))
        return either(options, self._phrases)
