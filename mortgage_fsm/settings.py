"""Everything that can be configured, read once from the environment and `.env` into one frozen value."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource, SettingsConfigDict

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.machine import Policy

DEVELOPMENT_KEY = "development-key-not-for-production"
"""Default of both keys. Everything that it protects is synthetic; `start` refuses it."""


EMBEDDED = "embedded"
"""Name of the complete, keyless parts that come with the package."""

MOST_CENTS = 1_000_000_000
"""US cents: as much as a loan in an imported file may have. Every column and every record holds it."""
_A_DAY, _A_MONTH = 86_400.0, 30 * 86_400.0


class AdvisorSpeech(StrEnum):
    """Whose words answer a question: the model's, checked against the passages found, or the best passage itself."""

    MODEL = "model"
    PASSAGES = "passages"


class LogLevel(StrEnum):
    """The least that a log line must be to be written by a worker; what it may hold is the same at each."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Knowledge(StrEnum):
    """Which knowledge base is searched."""

    AUTO = "auto"
    EMBEDDED = "embedded"
    MOSS = "moss"


_TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def printed(value: str) -> str:
    """The text, unless it holds a character that tells a terminal anything or turns the line round: ValueError."""
    for each in value:
        controls = unicodedata.category(each) in {"Cc", "Zl", "Zp"} or unicodedata.bidirectional(each) in _TURNING
        if controls and each not in "\n\t":
            raise ValueError("holds a control character")
    return value


Printed = Annotated[str, AfterValidator(printed)]
"""Text that can be spoken, logged and shown."""
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S"), AfterValidator(printed)]
"""The name of a servicer, as the greeting says it."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class LastFour(StrEnum):
    """How the last four are sent to a loan system at an address."""

    PLAIN = "plain"
    DIGEST = "digest"
    """As their hash under the identity key, which the loan system then has as well."""


def _endpoint(value: str) -> str:
    """Where a vendor's service is asked: the caller's voice and a key go there, so never in the clear over a network."""
    return _address(value, secure=("https", "wss"), local=("http", "ws"))


def _own_system(value: str) -> str:
    """A servicer's own system: its address, or what Python object it is; loans and money never go in the clear."""
    return _address(value, secure=("https",), local=("http",)) if is_address(value) else value


def is_address(name: str) -> bool:
    """Whether a system is named by its address; else it is `embedded` or a factory."""
    return "://" in name


def _address(value: str, *, secure: tuple[str, ...], local: tuple[str, ...]) -> str:
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError("is not a URL") from None
    if parts.scheme not in secure and not (parts.scheme in local and host in _LOOPBACK):
        raise ValueError(f"must begin with {_any_of(secure, 'or')} ({_any_of(local, 'and')} to this machine only)")
    if not host or "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("must hold a host and a path, and no password, query or fragment")
    return value.rstrip("/")


def _any_of(schemes: tuple[str, ...], word: str) -> str:
    return f" {word} ".join(f"{each}://" for each in schemes)


Endpoint = Annotated[str, AfterValidator(_endpoint)]


def _vendor(name: str) -> AliasChoices:
    return AliasChoices(name, name.lower())


class Settings(BaseSettings):
    """Settings of one process. Names in the environment begin with MORTGAGE_FSM_; vendors' keys keep their own."""

    model_config = SettingsConfigDict(
        env_prefix="MORTGAGE_FSM_",
        env_file=".env",
        env_file_encoding="utf-8",
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
    )

    tenants: Path | None = None
    """File of the tenants; None: there is one, and these settings describe it."""
    servicer: Name = "Example Mortgage Servicing"
    """The name in the greeting."""
    language: str = "en"
    agent_name: str = "mortgage-fsm"
    """The name LiveKit dispatches jobs by."""

    one_worker: bool = False
    """Whether there is one worker and no more: only then may it keep its ledger in a file."""
    database_url: str = "sqlite+aiosqlite:///.mortgage_fsm/ledger.db"
    identity_key: SecretStr = SecretStr(DEVELOPMENT_KEY)
    """Keys the hashes of the last four."""
    reference_key: SecretStr = SecretStr(DEVELOPMENT_KEY)
    """Keys every reference that stands in a log or a record."""
    reference_key_id: str = Field(default="k1", pattern=r"^[a-z0-9]{1,8}$")

    llm: str = "auto"
    """One service, or several with commas between, asked in this order; so are `stt` and `tts`."""
    stt: str = "auto"
    tts: str = "auto"
    llm_model: str | None = None
    """The vendor's model name; None: the plugin's default."""
    stt_model: str = "nova-3"
    tts_model: str = "sonic-3"
    tts_voice: str | None = None
    """The vendor's id of a voice; None: the plugin's default."""
    llm_base_url: Endpoint | None = None
    """Where the vendor is asked, as its plug-in takes it; None: the vendor's own address."""
    stt_base_url: Endpoint | None = None
    tts_base_url: Endpoint | None = None
    advisor_speech: AdvisorSpeech = AdvisorSpeech.MODEL
    model_timeout: float = Field(default=6.0, gt=0, le=30)
    """Seconds a language model may take for one answer."""
    loans: Annotated[str, AfterValidator(_own_system)] = EMBEDDED
    """`embedded`, the https:// address of a loan system, or a factory; so is `gateway`."""
    loans_token: SecretStr | None = None
    """Sent to the address as a bearer token; so is `gateway_token`."""
    loans_timeout: float = Field(default=4.0, gt=0, le=30)
    """Seconds that a loan system, at an address or from a factory, may take."""
    loans_last_four: LastFour = LastFour.PLAIN
    gateway: Annotated[str, AfterValidator(_own_system)] = EMBEDDED
    gateway_token: SecretStr | None = None
    gateway_timeout: float = Field(default=10.0, gt=0, le=60)
    """Seconds a payment gateway may take; after that the payment is unresolved."""
    gateway_absent_after: float = Field(default=900.0, ge=0, le=_A_MONTH)
    """Seconds after which a payment that a gateway at an address does not know will never arrive there."""

    reconcile_seconds: float = Field(default=60.0, ge=1, le=_A_DAY)
    """Seconds between two looks of a worker at payments and calls that were left behind."""
    resume_seconds: float = Field(default=900.0, ge=30, le=_A_MONTH)
    """Seconds after the last sign of life of its process in which a call is gone on with; later it is closed."""

    knowledge: Knowledge = Knowledge.AUTO
    kb_dir: Path | None = None
    """Folder of the knowledge base; None: the one that comes with the package."""

    minimum_payment: int = Field(default=100, gt=0, le=MOST_CENTS)
    """US cents."""
    maximum_payment: int = Field(default=1_000_000, gt=0, le=MOST_CENTS)
    """US cents."""
    guesses_per_caller: int = Field(default=10, gt=0, le=1_000_000)
    """Wrong last fours in 24 hours, over all loans, that one telephone number may offer."""
    guesses_in_all: int = Field(default=500, gt=0, le=1_000_000)
    """Wrong last fours in 24 hours that all callers together may offer. One in ten thousand is right by chance."""
    loan_digits: str = Field(default="8", pattern=r"^([5-9]|1[0-2])(,([5-9]|1[0-2]))*$")
    """How many digits a loan number has; several lengths with commas between."""
    text_streams: bool = False
    """Whether callers may type in production, too; a development worker always lets them."""
    max_calls: int | None = Field(default=None, gt=0, le=100_000)
    """Calls that one worker takes at once; None: as many as the processors bear."""
    drain_seconds: float = Field(default=3600.0, gt=0, le=_A_DAY)
    """Seconds that a worker in production, told to end, waits for its calls to end by themselves."""
    health_host: str = "127.0.0.1"
    """The address on which a worker tells whether it is ready."""
    health_port: int | None = Field(default=None, ge=0, le=65535)
    """The port for that, and for the metrics; 0: any that is free; None: nothing is told."""
    log_level: LogLevel = LogLevel.INFO
    """From which level on a worker writes its log, and LiveKit's."""
    worker_port: int = Field(default=8081, ge=0, le=65535)
    """The port of LiveKit's own page about a worker in production; 0: any that is free."""
    silence_seconds: float = Field(default=12.0, gt=0, le=3600)
    """Seconds of silence after which the caller is asked whether they are still there."""
    keypad_seconds: float = Field(default=4.0, gt=0, le=30)
    """Seconds that may pass between two keys pressed; then what was typed is forgotten."""

    openai_api_key: SecretStr | None = Field(default=None, validation_alias=_vendor("OPENAI_API_KEY"))
    deepgram_api_key: SecretStr | None = Field(default=None, validation_alias=_vendor("DEEPGRAM_API_KEY"))
    cartesia_api_key: SecretStr | None = Field(default=None, validation_alias=_vendor("CARTESIA_API_KEY"))
    moss_project_id: str | None = Field(default=None, validation_alias=_vendor("MOSS_PROJECT_ID"))
    moss_project_key: SecretStr | None = Field(default=None, validation_alias=_vendor("MOSS_PROJECT_KEY"))
    moss_index_name: str | None = Field(default=None, validation_alias=_vendor("MOSS_INDEX_NAME"))
    otel_endpoint: str | None = Field(
        default=None, pattern=r"^https?://\S+$", validation_alias=_vendor("OTEL_EXPORTER_OTLP_ENDPOINT")
    )
    """An OpenTelemetry collector, over HTTP; None: no spans are sent."""
    livekit_url: str | None = Field(default=None, validation_alias=_vendor("LIVEKIT_URL"))
    livekit_api_key: str | None = Field(default=None, validation_alias=_vendor("LIVEKIT_API_KEY"))
    livekit_api_secret: SecretStr | None = Field(default=None, validation_alias=_vendor("LIVEKIT_API_SECRET"))

    @cached_property
    def policy(self) -> Policy:
        """The machine's limits."""
        return Policy(minimum_cents=self.minimum_payment, maximum_cents=self.maximum_payment)

    @property
    def loan_number_lengths(self) -> frozenset[int]:
        """The lengths that loan numbers have."""
        return frozenset(int(each) for each in self.loan_digits.split(","))

    @property
    def database_is_embedded(self) -> bool:
        """Whether the ledger is a SQLite file of our own making."""
        return self.database_url.startswith("sqlite")

    @property
    def knowledge_folder(self) -> Path:
        """Where the knowledge base's topics lie: next to the package in a checkout, inside it when installed."""
        if self.kb_dir is not None:
            return self.kb_dir
        package = Path(__file__).parent
        shipped = package / "_kb"
        return shipped if shipped.is_dir() else package.parent / "kb"

    def development_defaults(self) -> list[str]:
        """What must not be used with real callers, one sentence each."""
        problems = []
        for name, key in (("IDENTITY_KEY", self.identity_key), ("REFERENCE_KEY", self.reference_key)):
            value = key.get_secret_value()
            if value == DEVELOPMENT_KEY:
                problems.append(f"MORTGAGE_FSM_{name} is the development default")
            elif len(value) < 32:
                problems.append(f"MORTGAGE_FSM_{name} is shorter than 32 characters")
        if self.loans == EMBEDDED and self.database_is_embedded:
            problems.append("MORTGAGE_FSM_DATABASE_URL is the embedded database with its demo loans")
        if self.database_is_embedded and not self.one_worker:
            problems.append(
                "MORTGAGE_FSM_DATABASE_URL is a file, which several workers cannot share: name a PostgreSQL server,"
                " or say MORTGAGE_FSM_ONE_WORKER=true"
            )
        if self.gateway == EMBEDDED:
            problems.append("MORTGAGE_FSM_GATEWAY is the embedded gateway, which moves no money")
        systems = (("LOANS", self.loans, self.loans_token), ("GATEWAY", self.gateway, self.gateway_token))
        for name, value, token in systems:
            if is_address(value) and not value.startswith("https://"):
                problems.append(f"MORTGAGE_FSM_{name} is not asked over TLS")
            if is_address(value) and token is None:
                problems.append(f"MORTGAGE_FSM_{name}_TOKEN is not set: anyone may ask what is asked there")
        return problems


def read_settings() -> Settings:
    """The settings of this process.

    Raises:
        ConfigurationError: with one sentence for each setting that cannot be used; values are not repeated.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        problems = [_problem(entry["loc"], entry["msg"]) for entry in error.errors(include_input=False)]
        raise ConfigurationError(*problems) from None
    except UnicodeDecodeError:
        raise ConfigurationError(".env is not UTF-8 text") from None
    if settings.minimum_payment > settings.maximum_payment:
        raise ConfigurationError("MORTGAGE_FSM_MINIMUM_PAYMENT is above MORTGAGE_FSM_MAXIMUM_PAYMENT")
    return settings


def unknown_names() -> list[str]:
    """What is named in the environment or in `.env` as a setting is, and is none: misspelt, most likely. No values."""
    prefix = str(Settings.model_config["env_prefix"])
    known = {
        f"{prefix}{name}".upper() for name, field in Settings.model_fields.items() if field.validation_alias is None
    }
    given = {name.upper() for source in (EnvSettingsSource, DotEnvSettingsSource) for name in source(Settings).env_vars}
    return sorted(_UNPRINTABLE.sub("?", name) for name in given - known if name.startswith(prefix))


_UNPRINTABLE = re.compile(r"[^A-Z0-9_]")


def _problem(location: tuple[int | str, ...], message: str) -> str:
    name = str(location[0]) if location else "settings"
    known = name if name.isupper() else f"MORTGAGE_FSM_{name.upper()}"
    return f"{known}: {message}"
