"""Holds a recording's words against the log: they are the ones heard, and the rules of hearing hear the same in them.

Who has the recording of a call writes down what was said in each turn. Each turn's keyed reference is made anew and
compared; then the words are heard again, by the version of the rules that heard them, where the replayed call stood. What
was decided in the turn must be what these words bear out: each value that was heard, the yes, and all that was fired,
in its order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from mortgage_fsm.audit.record import HeardBy, RecordType
from mortgage_fsm.audit.redaction import References
from mortgage_fsm.audit.replaying import DECIDED, UNAVAILABLE, DiffersError, Step
from mortgage_fsm.errors import ConfigurationError, MortgageFsmError
from mortgage_fsm.heard import Heard
from mortgage_fsm.machine import Call, Moved, Trigger
from mortgage_fsm.machine.turn import agrees, fold, following

Hear = Callable[[str, Call, str], Heard]
"""What words say where a call stands, after the digits that were said just before them."""

_SPOKEN = frozenset({HeardBy.RULES, HeardBy.MODEL})
_GUARDS: dict[str, str] = {
    "loan_is_heard": "loan",
    "last_four_is_heard": "last_four",
    "amount_is_heard": "amount",
    "method_is_heard": "method",
}
"""Guards about what was heard in this turn, and the field of Heard that they are about."""


def read_words(file: bytes) -> dict[tuple[str, int], str]:
    """The words of a file with a JSON object in each line: `call`, `turn` and `words`.

    Raises:
        ConfigurationError: it is something else; what it holds is not repeated.
        MortgageFsmError: it has no lines.
    """
    said: dict[tuple[str, int], str] = {}
    for number, line in enumerate(file.splitlines(), 1):
        try:
            read = json.loads(line)
            call, turn, words = str(read["call"]), int(read["turn"]), str(read["words"])
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            raise ConfigurationError(f"line {number} of the words is no object with call, turn and words") from None
        if not _is_text(words):
            raise ConfigurationError(f"line {number} of the words has words that are no text")
        if (call, turn) in said:
            raise ConfigurationError(f"line {number} of the words is of a turn that another line has words of")
        said[call, turn] = words
    if not said:
        raise MortgageFsmError("there are no words to check")
    return said


def _is_text(words: str) -> bool:
    """Half a surrogate pair can be written in JSON, and cannot be said."""
    try:
        words.encode()
    except UnicodeEncodeError:
        return False
    return True


@dataclass(slots=True)
class Words:
    """Words by call and turn, and the log's steps as they come. Finish each call, and at the end `finish_all`.

    Args:
        said: the words, by call and number of the turn.
        references: with the key that the records were made with.
        hear: how the words of a tenant's calls are heard.
        version: of the rules that `hear` hears by.
    """

    said: Mapping[tuple[str, int], str]
    references: References
    hear: Callable[[str], Hear]
    version: str
    checked: int = 0
    """Turns that came out the same."""
    _unrecorded: int = 0
    """Turns that the caller went on from before they were answered: no record is theirs."""
    _turns: dict[str, list[Step]] = field(default_factory=dict)
    _pieces: dict[str, tuple[int, Call, Heard]] = field(default_factory=dict)
    """Of each call, the latest turn that has a record, where the call stood in it, and what was heard."""

    def take(self, step: Step) -> None:
        """Take in the next step of a call.

        Raises:
            DiffersError: the words of the turn before are not the ones that were heard.
            ConfigurationError: they were heard by other rules, or referred to by another key.
        """
        call, turn = str(step.record["call"]), step.record.get("turn")
        steps = self._turns.setdefault(call, [])
        if steps and turn != steps[0].record["turn"]:
            self._finish(call)
            steps = self._turns.setdefault(call, [])
        if turn is not None:
            steps.append(step)

    def finish_all(self) -> None:
        """After the last step.

        Raises:
            DiffersError: as in `take`; or words are given of a turn that the log does not have.
            ConfigurationError: as in `take`.
        """
        for call in list(self._turns):
            self._finish(call)
        unknown = len(self.said) - self.checked - self._unrecorded
        if unknown:
            raise DiffersError(f"words: {unknown} turns are of no call or turn of this log")

    def _finish(self, call: str) -> None:
        steps = self._turns.pop(call)
        if steps and (call, steps[0].record["turn"]) in self.said:
            self._turn(call, steps)
            self.checked += 1

    def _turn(self, call: str, steps: Sequence[Step]) -> None:
        first, turn = steps[0], steps[0].record["turn"]
        for record in (step.record for step in steps):
            self._is_ours(record)
        from_turn, words = self._words(call, turn, {step.record.get("words_ref") for step in steps})
        unrecorded = self._unanswered_before(call, turn)
        self._unrecorded += len(unrecorded)
        digits = self._digits_before(first, from_turn, [each for each in unrecorded if each < from_turn])
        hear = self.hear(str(first.record["tenant"]))
        heard = hear(words, first.before, digits)
        try:
            _same(steps, heard, turn, self.references)
        except DiffersError:
            if not digits:
                raise
            # A caller who was silent for too long is asked for the whole again: the digits said before are forgotten.
            heard = hear(words, first.before, "")
            _same(steps, heard, turn, self.references)
        self._pieces[call] = (turn, first.before, heard)

    def _unanswered_before(self, call: str, turn: int) -> list[int]:
        """The turns right before this one that have words and no record, in their order."""
        recorded, first = self._pieces.get(call, (0,))[0], turn
        while first - 1 > recorded and (call, first - 1) in self.said:
            first -= 1
        return list(range(first, turn))

    def _digits_before(self, first: Step, from_turn: int, unrecorded: Sequence[int]) -> str:
        """The digits that count in front of those of a turn, or of the first of several that were heard together."""
        call, hear = str(first.record["call"]), self.hear(str(first.record["tenant"]))
        begins = unrecorded[0] if unrecorded else from_turn
        turn, stood, heard = self._pieces.get(call, (-1, first.before, Heard()))
        digits = (heard.piece or "") if turn == begins - 1 and stood.state is first.before.state else ""
        for each in unrecorded:
            digits = hear(self.said[call, each], first.before, digits).piece or ""
        return digits

    def _words(self, call: str, turn: int, recorded: AbstractSet[str | None]) -> tuple[int, str]:
        """From which turn on words were heard in a turn, and these words: a caller who goes on cuts an answer off."""
        words, from_turn = self.said[call, turn], turn
        while {self.references.words_ref(call, turn, words)} != recorded:
            earlier = self.said.get((call, from_turn - 1))
            if earlier is None:
                raise DiffersError(f"words_ref of turn {turn}: not of these words, or not under this reference key")
            words, from_turn = f"{earlier} {words}", from_turn - 1
        return from_turn, words

    def _is_ours(self, record: Mapping[str, Any]) -> None:
        if record["key_id"] != self.references.key_id:
            raise ConfigurationError("the records refer to words by another key than the one that is configured")
        heard_by_rules = str(record.get("heard", self.version)).partition(":")[0]
        if heard_by_rules != self.version:
            raise ConfigurationError(
                f"the words were heard by version {heard_by_rules} of the rules of hearing and these are {self.version}: "
                "replay them with the build that is in the records"
            )


def _same(steps: Sequence[Step], heard: Heard, turn: int, references: References) -> None:
    for step in steps:
        _same_values(step, heard, references)
    _same_firing([step for step in steps if _is_of_the_words(step)], heard, turn)


def _is_of_the_words(step: Step) -> bool:
    return step.record["type"] in DECIDED and step.record["heard_by"] in _SPOKEN


def _same_values(step: Step, heard: Heard, references: References) -> None:
    record, guards = step.record, step.record.get("guards", {})
    for guard, name in _GUARDS.items():
        if _is_of_the_words(step) and guard in guards and guards[guard] != (getattr(heard, name) is not None):
            raise DiffersError(f"{guard}: not what these words say")
    if record["type"] == RecordType.EDGE_REFUSAL:
        claimed = record.get("trigger")
        if record["reason"] == "not_heard" and claimed is not None and agrees(Trigger(claimed), heard):
            raise DiffersError("reason: the words do bear the trigger out")
        return
    if not isinstance(step.decision, Moved) or not _is_of_the_words(step):
        return
    if step.decision.finding.yes and heard.assent is not True:
        raise DiffersError("heard: these words are no yes")
    if record["trigger"] == Trigger.LOAN_OFFERED and references.loan_ref(heard.loan or "") != record["loan_ref"]:
        raise DiffersError("loan_ref: not of the loan in these words")
    if record["trigger"] == Trigger.METHOD_OFFERED and heard.method != record.get("method"):
        raise DiffersError("method: not the one in these words")


def _same_firing(steps: list[Step], heard: Heard, turn: int) -> None:
    """What was fired is what some trigger that the words bear out leads to: chosen by rules or by a model."""
    left = steps
    while left:
        if left[0].record.get("reason") == UNAVAILABLE or left[0].record["trigger"] == Trigger.REPEAT_ASKED:
            left = left[1:]  # nothing was asked; or the read-back that a turn is followed by, which needs no words
            continue
        chosen = {Trigger(step.record["trigger"]) for step in left}
        used = max((_fired(left, each, heard) for each in chosen if agrees(each, heard)), default=0)
        if used == 0:
            raise DiffersError(f"trigger of turn {turn}: not what these words lead to")
        left = left[used:]


def _fired(steps: list[Step], chosen: Trigger, heard: Heard) -> int:
    """How many of these steps follow, from the first, when this trigger is chosen for the words."""
    left = fold(steps[0].before, chosen, heard)
    current: Trigger | None = following(steps[0].before, left) or chosen
    for number, step in enumerate(steps):
        if step.record["trigger"] != current:
            return number if current is None else 0
        left -= {current}
        decision = step.decision
        current = following(decision.after if decision is not None else step.before, left)
    return len(steps) if current is None else 0
