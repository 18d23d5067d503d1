"""The servicers whose lines this installation answers, and which of them a call is for."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import time
from enum import StrEnum
from typing import Annotated, Any, Final, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.heard import Method
from mortgage_fsm.machine import Policy
from mortgage_fsm.settings import MOST_CENTS, Name, Printed, printed

DEFAULT = "default"
"""Id of the one tenant that is made from the settings."""
NOBODY: Final = "unknown"
"""What stands as the tenant in the record of a call that is for no tenant; no tenant may be called that."""

TENANT_ID = re.compile(r"[a-z][a-z0-9_-]{0,31}")

_NUMBER: Final = r"\+[1-9][0-9]{6,14}"
_PORT: Final = r"[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"
_SIP_ADDRESS: Final = rf"sips?:[A-Za-z0-9._~+-]{{1,64}}@[A-Za-z0-9.-]{{1,253}}(:({_PORT}))?"
LINE: Final = re.compile(rf"({_NUMBER}|{_SIP_ADDRESS})")
"""Where a caller can be transferred to: a telephone number as in E.164 or a SIP address."""


class Weekday(StrEnum):
    """The days of a week, in the order of `datetime.weekday`."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


def _free(value: str) -> str:
    if value == NOBODY:
        raise ValueError("is kept for calls that are for no tenant")
    return value


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, LookupError):
        raise ValueError("is not a time zone of the IANA database, such as America/Chicago") from None
    return value


def _in_order(value: str) -> str:
    opens, closes = opening_times(value)
    if opens >= closes:
        raise ValueError("must open before it closes")
    return value


def opening_times(hours: str) -> tuple[time, time]:
    """From when until when, of hours such as 08:00-18:00; 24:00 is the last moment of the day.

    Raises:
        ValueError: there are no such times.
    """
    opens, closes = hours.split("-")
    return time.fromisoformat(opens), time.max if closes == "24:00" else time.fromisoformat(closes)


def _distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(set(values)) != len(values):
        raise ValueError("holds an entry twice")
    return values


TenantId = Annotated[str, Field(pattern=rf"^{TENANT_ID.pattern}$"), AfterValidator(_free)]
Number = Annotated[str, Field(pattern=rf"^{_NUMBER}$")]
"""A telephone number as in E.164: a plus sign and 7 to 15 digits."""
Line = Annotated[str, Field(pattern=rf"^{LINE.pattern}$")]
Sentence = Annotated[str, Field(min_length=1, max_length=600, pattern=r"\S"), AfterValidator(printed)]
Service = Annotated[str, Field(min_length=1, max_length=300, pattern=r"\S")]
Hours = Annotated[str, Field(pattern=r"^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$"), AfterValidator(_in_order)]
"""Opening and closing time of a day, such as 08:00-18:00, in the tenant's time zone."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)  # strict: no "100" for 100


class Limits(_Part):
    """What one payment may be, in US cents."""

    minimum: int = Field(default=100, gt=0, le=MOST_CENTS)
    maximum: int = Field(default=1_000_000, gt=0, le=MOST_CENTS)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.minimum > self.maximum:
            raise ValueError("the minimum is above the maximum")
        return self


class TransferNumbers(_Part):
    """Whom a caller is connected with, by the reason for it."""

    asked: Line | None = None
    dispute: Line | None = None
    hardship: Line | None = None
    fraud: Line | None = None
    other_loan: Line | None = None
    flagged: Line | None = None
    locked_out: Line | None = None
    fallback: Line | None = None
    """Tried when the reason has no number, or nobody answers there."""


class Models(_Part):
    """What one agent is heard, understood and spoken with: names as MORTGAGE_FSM_LLM, _STT and _TTS take them."""

    llm: Service | None = None
    stt: Service | None = None
    tts: Service | None = None


class Voice(_Part):
    """What the agents have of their own; whatever is left out is the installation's."""

    advisor: Models = Models()
    """The agent that answers questions."""
    payment: Models = Models()
    """The agent that takes a payment."""


class Tenant(_Part):
    """One servicer. What its table leaves out comes from the settings; immutable, and pinned to a call by its hash."""

    id: SkipJsonSchema[TenantId] = DEFAULT
    """The name of its table."""
    name: Name
    """As the greeting says it."""
    numbers: Annotated[tuple[Number, ...], AfterValidator(_distinct)] = ()
    """The numbers that its callers dial."""
    language: str = "en"
    phrases: dict[str, dict[str, Printed | tuple[Printed, ...]]] = {}
    """Sentences said instead of those in the language's phrases, by section and key."""
    statements: tuple[Sentence, ...] = Field(default=(), max_length=9)
    """What a caller must agree to, one yes each, before a payment is read back."""
    limits: Limits = Limits()
    methods: Annotated[tuple[Method, ...], Field(min_length=1), AfterValidator(_distinct)] = tuple(Method)
    """The ways to pay that are taken."""
    time_zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    hours: dict[Weekday, Hours] = {}
    """When people are there, by day; a day that is left out is closed, none at all means always."""
    transfer: TransferNumbers = TransferNumbers()
    knowledge_index: str | None = Field(default=None, min_length=1)
    """The Moss index that its questions are answered from."""
    voice: Voice = Voice()
    """The models and voices of each agent."""
    inquiry_number: Number | None = None
    """The number that callers are told to call about a payment; None: the first of `numbers`."""
    records_calls: bool = False
    """Calls are recorded, outside of this program: callers are told in the greeting."""
    text_streams: bool = False
    """Callers may type, in production too."""

    @property
    def config_hash(self) -> str:
        """SHA-256, in hex, of everything that is set for this tenant: sorted JSON without white space, in UTF-8."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def policy(self) -> Policy:
        """The machine's limits for calls to this tenant."""
        return Policy(
            minimum_cents=self.limits.minimum, maximum_cents=self.limits.maximum, statements=len(self.statements)
        )


class TenantsFile(_Part):
    """Tenants of mortgage_fsm: one table for each, named by its id."""

    tenant: dict[TenantId, Tenant] = Field(min_length=1)


class Tenants:
    """All tenants of an installation, by id."""

    def __init__(self, tenants: Iterable[Tenant]) -> None:
        self.by_id: Mapping[str, Tenant] = {each.id: each for each in tenants}
        self._by_number = {digits_of(number): each for each in self.by_id.values() for number in each.numbers}

    def choose(self, metadata: str = "", dialled: str | None = None) -> Tenant | None:
        """The tenant of a call; None: it is for nobody here.

        The dispatch is ours, so `metadata` (JSON with a key `tenant`) comes first; `dialled` is what the telephone
        network says, and comes second; then, where there is only one, that one.
        """
        named = _named(metadata)
        if named is not None:
            return self.by_id.get(named)
        if dialled and self._by_number:
            return self._by_number.get(digits_of(dialled))
        return next(iter(self.by_id.values())) if len(self.by_id) == 1 else None

    def named(self, tenant: str | None) -> Tenant:
        """The tenant of this id, or the only one.

        Raises:
            ConfigurationError: there is no such tenant, or several to choose from.
        """
        if tenant is None and len(self.by_id) > 1:
            raise ConfigurationError("there are several tenants: name one with --tenant")
        found = self.by_id.get(tenant) if tenant is not None else next(iter(self.by_id.values()))
        if found is None:
            raise ConfigurationError("--tenant: there is no tenant of this id")
        return found


def digits_of(number: str) -> str:
    """What is left of a telephone number by which two are told apart, however they are written."""
    return re.sub(r"[^0-9]", "", number)


def _named(metadata: str) -> str | None:
    """The id in the metadata of a dispatch; "" where something stands that is none; None where nothing does."""
    try:
        held = json.loads(metadata)
    except (ValueError, RecursionError):
        return None
    if not isinstance(held, dict) or "tenant" not in held:
        return None
    named = held["tenant"]
    return named if isinstance(named, str) else ""
