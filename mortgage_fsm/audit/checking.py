"""One pass over a log: the chains and every seal, and what there is to say of them, check by check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mortgage_fsm.audit.sealing import Comparison, Seal, started_at
from mortgage_fsm.audit.verifying import CHECKS, Chains, Fault
from mortgage_fsm.errors import MortgageFsmError


class Checking:
    """A log that is being checked. Give it every line, until it says that one is wrong.

    Args:
        seals: oldest first.
    """

    def __init__(self, seals: Sequence[Seal]) -> None:
        self.chains = Chains()
        self.fault: Fault | None = None
        self.starts: dict[str, str] = {}
        """Time of each call's first record."""
        self.comparisons = [Comparison(seal) for seal in seals]

    def take(self, line: bytes) -> bool:
        """Take in one more line, without its break; whether nothing is wrong with it."""
        self.fault = self.chains.take(line)
        record = self.chains.last
        if self.fault is not None or record is None:
            return False
        if record.seq == 0:
            self.starts[record.call.decode()] = started_at(record)
        for each in self.comparisons:
            each.take(record)
        return True

    @property
    def where(self) -> str:
        """The latest record that was taken in, for people."""
        record = self.chains.last
        return f"call {record.call.decode()}, record {record.seq}" if record is not None else "the first line"

    @property
    def wrong(self) -> str | None:
        """The first thing wrong, as a sentence without anything of what a record holds; None: nothing is."""
        if self.fault is not None:
            return _sentence(self.fault)
        for each in self.comparisons:
            broken = each.result()
            if broken is not None:
                record = "" if broken.seq is None else f", record {broken.seq}"
                return f"call {broken.call}{record}: {broken.problem}"
        return None

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong, after the last line."""
        return self.wrong is None

    def require_records(self) -> None:
        """After the last line: where there was nothing to look at, "nothing is wrong" must not be said.

        Raises:
            MortgageFsmError: no record was taken in, and no seal says that one is missing.
        """
        if self.holds and not self.chains.count:
            raise MortgageFsmError("there are no records to check")


def _sentence(fault: Fault) -> str:
    place = f"line {fault.position + 1}"
    named = f"call {fault.call}, record {fault.seq} ({place})" if fault.call and fault.seq is not None else place
    return f"{named}: {fault.problem}"


def report(checking: Checking) -> Iterator[str]:
    """Every check with its number and outcome, then what was read."""
    failed = checking.fault.check if checking.fault is not None else len(CHECKS)
    for number, check in enumerate(CHECKS):
        outcome = "ok" if number < failed else "WRONG" if number == failed else "not reached"
        yield f"{number + 1}  {outcome:<11}  {check}"
    for number, each in enumerate(checking.comparisons, len(CHECKS) + 1):
        outcome = "not reached" if checking.fault is not None else "WRONG" if each.result() else "ok"
        yield f"{number}  {outcome:<11}  nothing is missing of what was sealed at {each.seal.sealed_at}, nor put in besides"
        if outcome == "ok" and each.purged:
            yield f"   {len(each.purged)} calls were purged, and are recorded as such"
    heads = checking.chains.heads.values()
    ended = sum(head.ended for head in heads)
    wrong = checking.wrong
    yield (
        wrong or f"{checking.chains.count:,} records of {len(heads):,} calls, {ended:,} of them ended: nothing is wrong"
    )
    if wrong is None and not checking.comparisons:
        yield "Without a seal, a cut-off end, a call that is missing and a log that was written anew are not seen."
