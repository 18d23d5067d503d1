"""The caller's turns as the voice edge keeps them: the words, what was heard in them, and whether they are used up."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from livekit.agents import ConversationItemAddedEvent, UserInputTranscribedEvent

from mortgage_fsm.heard import Heard
from mortgage_fsm.machine import Call, State, Trigger
from mortgage_fsm.machine.turn import EXPECTS, expects
from mortgage_fsm.spoken import hear
from mortgage_fsm.voice import cut_off, pieces

STILL_TAKEN = frozenset({Trigger.QUESTION_ASKED, Trigger.HUMAN_ASKED})
"""What is still taken from a turn that was answered already."""

KEYPAD = "keypad"
"""Who brought a trigger, where it was keys."""


@dataclass(slots=True)
class Turn:
    """A caller's turn. Its words are used once: the first accepted trigger spends it."""

    number: int = 0
    message_id: str = ""
    words: str = field(default="", repr=False)
    heard: Heard = field(default_factory=Heard, repr=False)
    spoke_at: float | None = None
    """When the caller began to speak, in seconds since the epoch; None for typed turns."""
    at: float = 0.0
    """When it ended, in seconds since the epoch."""
    idle: float = 0.0
    """Seconds since the turn before it."""
    state: State | None = None
    """Where the call stood when it was heard."""
    after: str = field(default="", repr=False)
    """The digits that were said just before it, where it was heard after any."""
    answered: bool = False
    """A tool was called for it; until then the caller may cut the answer off by going on."""
    spent: bool = False
    keyed: bool = False
    """It was typed on the keypad: there are no words, and no tool of a model's takes anything from it."""

    def piece_in(self, state: State) -> str:
        """The digits of it that count in front of those of the next turn, if that is heard in this state."""
        return (self.heard.piece or "") if self.state is state else ""

    def is_closed_to(self, trigger: Trigger | None, heard_by: str) -> bool:
        """Whether it was answered already, or is not what this trigger was chosen for."""
        return trigger not in STILL_TAKEN and (self.spent or (self.keyed and heard_by != KEYPAD))


@dataclass(frozen=True, slots=True)
class Entry:
    """A whole entry on the keypad: what it says, and when its first key was pressed, in seconds since the epoch."""

    heard: Heard = field(repr=False)
    began: float


@dataclass(frozen=True, slots=True)
class Moment:
    """When a decision is made, and about which playout or submission."""

    now: float
    idle: float = 0.0
    turn: int = 0
    spoke_at: float | None = None
    number: int = 0


_Asked = tuple[str, Call, str, int, Trigger | None]
Hear = Callable[[str, Call, str], Heard]
"""What a caller's words say where the call stands, and after the digits that were said just before them."""


def hears(language: str, loan_digits: Collection[int]) -> Hear:
    """Hearing in one language, for loan numbers of these lengths."""

    def hear_turn(words: str, call: Call, before: str = "") -> Heard:
        slot = EXPECTS.get(call.state)
        heard = hear(words, expects(call), loan_digits=loan_digits, language=language)
        return pieces.added(heard, before, slot, loan_digits)

    return hear_turn


class Turns:
    """The caller's turns of one call: the latest, and the words that were transcribed since and are no turn yet.

    Args:
        hear: what words say where the call stands.
        call: the call as it stands.
        offered: what a yes accepts where the last thing said to the caller was an offer.
        clock: seconds since the epoch.
        begun: told of every turn.
    """

    def __init__(
        self,
        hear: Hear,
        call: Callable[[], Call],
        offered: Callable[[], Trigger | None],
        clock: Callable[[], float],
        begun: Callable[[], object],
    ) -> None:
        self._hear = hear
        self._call = call
        self._offered = offered
        self._clock = clock
        self._begun = begun
        self._gap: list[str] = []
        self.last = Turn(at=clock())
        self._before = self.last
        self._asked: tuple[_Asked, tuple[str, Heard]] | None = None

    def heard(self, message_id: str, words: str) -> Heard:
        """What a turn says that is the latest, or will be. Digits of the turn before it count as long as nothing moved."""
        return self._heard(self._before if message_id and message_id == self.last.message_id else self.last, words)[1]

    def _heard(self, before: Turn, words: str) -> tuple[str, Heard]:
        """What these words say after that turn, and the words that say it: these alone, or those of that turn as well."""
        call, offered = self._call(), self._offered()
        unanswered = before.number if not before.answered and before.state is call.state else 0
        asked = (words, call, before.piece_in(call.state), unanswered, offered)
        # The listener asks first, and then the turn is heard: the same words, where nothing has moved in between.
        if self._asked is None or self._asked[0] != asked:
            heard = self._hear(*asked[:3])
            self._asked = (asked, (words, heard))
            if unanswered and cut_off.may_go_on(call, before.heard, heard, offered):
                both = f"{before.words} {words}"
                together = self._hear(both, call, before.after)
                if cut_off.say_both(before.heard, heard, together):
                    self._asked = (asked, (both, together))
        return self._asked[1]

    def forget(self) -> None:
        """The caller was asked again, for the whole: nothing goes on from what was said before."""
        self.last.heard, self.last.answered = replace(self.last.heard, piece=None), True

    def said(self, event: ConversationItemAddedEvent) -> None:
        """Handler of `conversation_item_added`: what a caller said is a turn."""
        item = event.item
        if item.type != "message" or item.role != "user":
            return
        # Bytes that are no text are taken for a word that is not understood.
        said = (item.text_content or "").encode(errors="replace").decode()
        before, state, now = self.last, self._call().state, self._clock()
        words, heard = self._heard(before, said)
        both = words != said
        spoke_at = before.spoke_at if both else item.metrics.get("started_speaking_at")
        after = before.after if both else before.piece_in(state)
        self._next(Turn(before.number + 1, item.id, words, heard, spoke_at, now, now - before.at, state, after))

    def keyed(self, entry: Entry) -> Turn:
        """Take in an entry on the keypad: a turn like any other, but without words."""
        now = self._clock()
        number, idle = self.last.number + 1, now - self.last.at
        self._next(Turn(number, heard=entry.heard, spoke_at=entry.began, at=now, idle=idle, keyed=True))
        return self.last

    def go_on(self, number: int) -> Turn:
        """Go on after the turns of another process, from a turn of this number that has no words and takes nothing."""
        self.last = self._before = Turn(number, at=self._clock(), spent=True, keyed=True)
        return self.last

    def _next(self, turn: Turn) -> None:
        self._before, self.last = self.last, turn
        self._gap.clear()
        self._begun()

    def transcribed(self, event: UserInputTranscribedEvent) -> None:
        """Handler of `user_input_transcribed`: what is said in a handoff may become no turn."""
        if event.is_final:
            self._gap.append(event.transcript)

    def in_the_gap(self) -> str:
        """The words that became no turn, once."""
        words = " ".join(self._gap)
        self._gap.clear()
        return words
