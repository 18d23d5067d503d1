"""Which speech and language services a call uses: a vendor whose key is there, any LiveKit plug-in by factory, or none.

Where several are named, the next is asked as soon as one fails: a caller does not wait for retries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from livekit.agents import APIConnectOptions, inference, llm, stt, tts
from livekit.agents.voice.agent_session import SessionConnectOptions

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.settings import Settings
from mortgage_fsm.wiring import factory, made_by

NONE, AUTO = "none", "auto"
LLM, STT, TTS = "llm", "stt", "tts"
VAD: Final = "silero"
"""What tells speech from silence: it comes with LiveKit Agents and runs in this process."""

SPEECH_SECONDS = 3.0
"""How long a speech service may take to connect, or to send its next piece of sound."""
PATIENCE = SessionConnectOptions(
    # A recogniser that has given up leaves the call deaf, so it is tried again for as long as a caller might wait.
    stt_conn_options=APIConnectOptions(max_retry=20, retry_interval=0.5, timeout=SPEECH_SECONDS),
    # A sentence that does not come is silence: one more attempt, and then the call goes on without it.
    tts_conn_options=APIConnectOptions(max_retry=1, retry_interval=0.2, timeout=SPEECH_SECONDS),
)
"""For AgentSession, whose own are ten seconds and three retries: half a minute in which a caller hears nothing."""

HEARING: dict[str, Any] = {"numerals": False, "smart_format": False, "punctuate": True, "filler_words": True}
"""How Deepgram writes down what it hears: words as they were said. Of its settings this one scores best on the corpus of
transcripts, no false value and the fewest to be asked for again (tests/wire/test_corpus.py holds it to that)."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One service: its name, as the program says it at start, and how it is made."""

    name: str
    make: Callable[[], Any] | None

    def __bool__(self) -> bool:
        return self.make is not None

    def __call__(self) -> Any:
        """The service itself, or None."""
        return self.make() if self.make is not None else None


def _openai(settings: Settings) -> llm.LLM[Any]:
    from livekit.plugins import openai  # noqa: PLC0415 - a plug-in is loaded only where it is used

    return openai.LLM(
        # The plug-in takes `store` and never sends it; the request body is where it counts.
        extra_body={"store": False},
        api_key=_secret(settings.openai_api_key),
        **_given(model=settings.llm_model, base_url=settings.llm_base_url),
    )


def _deepgram(settings: Settings) -> stt.STT[Any]:
    from livekit.plugins import deepgram  # noqa: PLC0415

    return deepgram.STT(
        model=settings.stt_model,
        language=_DEEPGRAM_LANGUAGES.get(settings.language, settings.language),
        mip_opt_out=True,
        api_key=_secret(settings.deepgram_api_key),
        **HEARING,
        **_given(base_url=settings.stt_base_url),
    )


def _cartesia(settings: Settings) -> tts.TTS[Any]:
    from livekit.plugins import cartesia  # noqa: PLC0415

    return cartesia.TTS(
        model=settings.tts_model,
        language=settings.language,
        api_key=_secret(settings.cartesia_api_key),
        **_given(voice=settings.tts_voice, base_url=settings.tts_base_url),
    )


_DEEPGRAM_LANGUAGES = {"en": "en-US"}


def _given(**options: Any) -> dict[str, Any]:
    """What is set; the rest is the plug-in's to choose."""
    return {name: value for name, value in options.items() if value is not None}


def _secret(value: Any) -> str:
    return str(value.get_secret_value()) if value is not None else ""


def _models(settings: Settings, made: list[Any]) -> llm.LLM[Any]:
    # Each has its share of the time for one answer, so that the last is asked while somebody still waits for it.
    return llm.FallbackAdapter(made, attempt_timeout=settings.model_timeout / len(made), max_retry_per_llm=0)


def _recognisers(_settings: Settings, made: list[Any]) -> stt.STT[Any]:
    whole = any(not each.capabilities.streaming for each in made)
    return stt.FallbackAdapter(
        made, vad=inference.VAD(model=VAD) if whole else None, attempt_timeout=SPEECH_SECONDS, max_retry_per_stt=0
    )


def _voices(_settings: Settings, made: list[Any]) -> tts.TTS[Any]:
    return tts.FallbackAdapter(made, max_retry_per_tts=0)


@dataclass(frozen=True, slots=True)
class _Kind:
    vendor: str
    key: str
    """The setting that holds the vendor's key."""
    make: Callable[[Settings], Any]
    wanted: type
    several: Callable[[Settings, list[Any]], Any]


_KINDS = {
    LLM: _Kind("openai", "openai_api_key", _openai, llm.LLM, _models),
    STT: _Kind("deepgram", "deepgram_api_key", _deepgram, stt.STT, _recognisers),
    TTS: _Kind("cartesia", "cartesia_api_key", _cartesia, tts.TTS, _voices),
}


def provider(kind: str, settings: Settings) -> Provider:
    """The service of a kind (`llm`, `stt` or `tts`) that the settings name. Nothing is loaded or asked yet.

    Raises:
        ConfigurationError: no such vendor, a vendor without its key, or a factory that cannot be imported.
    """
    names = [name.strip() for name in getattr(settings, kind).split(",")]
    if len(names) == 1:
        return _one(kind, names[0], settings)
    setting = f"MORTGAGE_FSM_{kind.upper()}"
    if NONE in names or AUTO in names:
        raise ConfigurationError(f"{setting} names several: none and auto stand alone")
    each = [_one(kind, name, settings) for name in names]
    return Provider(",".join(names), lambda: _KINDS[kind].several(settings, [one() for one in each]))


def in_use(settings: Settings) -> dict[str, str]:
    """What a call is heard, understood and spoken with, by the names of the settings."""
    return {kind: provider(kind, settings).name for kind in _KINDS} | {"vad": VAD}


def _one(kind: str, named: str, settings: Settings) -> Provider:
    of = _KINDS[kind]
    has_key = getattr(settings, of.key) is not None
    setting = f"MORTGAGE_FSM_{kind.upper()}"
    if named == NONE or (named == AUTO and not has_key):
        return Provider(NONE, None)
    if named in {AUTO, of.vendor}:
        if not has_key:
            raise ConfigurationError(f"{setting} is {named!r}, but {of.key.upper()} is not set")
        return Provider(of.vendor, lambda: of.make(settings))
    if ":" in named and "/" not in named:
        return Provider(named, _checked(setting, factory(named), of.wanted))
    if "/" in named:
        return Provider(named, lambda: getattr(inference, kind.upper())(named))
    raise ConfigurationError(
        f"{setting} must be auto, none, {of.vendor}, a LiveKit Inference model or package.module:factory"
    )


def _checked(setting: str, make: Callable[[], Any], wanted: type) -> Callable[[], Any]:
    def checked() -> Any:
        made = made_by(setting, make)
        if not isinstance(made, wanted):
            raise ConfigurationError(f"{setting} makes a {type(made).__name__}, not a LiveKit {wanted.__name__}")
        return made

    return checked
