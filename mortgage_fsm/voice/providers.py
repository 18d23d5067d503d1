"""Which speech and language services a call uses: a vendor whose key is there, any LiveKit plug-in by factory, or none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from livekit.agents import llm, stt, tts

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.settings import Settings
from mortgage_fsm.wiring import factory

NONE, AUTO = "none", "auto"


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


def _openai(settings: Settings) -> Callable[[], Any]:
    def make() -> Any:
        from livekit.plugins import openai  # noqa: PLC0415 - a plug-in is loaded only where it is used

        options: dict[str, Any] = {"model": settings.llm_model} if settings.llm_model else {}
        # The plug-in takes `store` and never sends it; the request body is where it counts.
        return openai.LLM(extra_body={"store": False}, api_key=_secret(settings.openai_api_key), **options)

    return make


def _deepgram(settings: Settings) -> Callable[[], Any]:
    def make() -> Any:
        from livekit.plugins import deepgram  # noqa: PLC0415

        return deepgram.STT(model="nova-3", mip_opt_out=True, api_key=_secret(settings.deepgram_api_key))

    return make


def _cartesia(settings: Settings) -> Callable[[], Any]:
    def make() -> Any:
        from livekit.plugins import cartesia  # noqa: PLC0415

        return cartesia.TTS(model="sonic-3", api_key=_secret(settings.cartesia_api_key))

    return make


def _secret(value: Any) -> str:
    return str(value.get_secret_value()) if value is not None else ""


_KINDS: dict[str, tuple[str, str, Callable[[Settings], Callable[[], Any]], type]] = {
    #       vendor      setting that holds its key   how it is made   what it must be
    "llm": ("openai", "openai_api_key", _openai, llm.LLM),
    "stt": ("deepgram", "deepgram_api_key", _deepgram, stt.STT),
    "tts": ("cartesia", "cartesia_api_key", _cartesia, tts.TTS),
}


def provider(kind: str, settings: Settings) -> Provider:
    """The service of a kind (`llm`, `stt` or `tts`) that the settings name. Nothing is loaded or asked yet.

    Raises:
        ConfigurationError: no such vendor, a vendor without its key, or a factory that cannot be imported.
    """
    vendor, key, made_by, wanted = _KINDS[kind]
    named: str = getattr(settings, kind)
    has_key = getattr(settings, key) is not None
    setting = f"MORTGAGE_FSM_{kind.upper()}"
    if named == NONE or (named == AUTO and not has_key):
        return Provider(NONE, None)
    if named in {AUTO, vendor}:
        if not has_key:
            raise ConfigurationError(f"{setting} is {named!r}, but {key.upper()} is not set")
        return Provider(vendor, made_by(settings))
    if ":" in named and "/" not in named:
        return Provider(named, _checked(setting, factory(named), wanted))
    if "/" in named:
        return Provider(named, _inference(kind, named))
    raise ConfigurationError(
        f"{setting} must be auto, none, {vendor}, a LiveKit Inference model or package.module:factory"
    )


def _checked(setting: str, make: Callable[[], Any], wanted: type) -> Callable[[], Any]:
    def checked() -> Any:
        made = make()
        if not isinstance(made, wanted):
            raise ConfigurationError(f"{setting} makes a {type(made).__name__}, not a LiveKit {wanted.__name__}")
        return made

    return checked


def _inference(kind: str, named: str) -> Callable[[], Any]:
    def make() -> Any:
        from livekit.agents import inference  # noqa: PLC0415

        return getattr(inference, kind.upper())(named)

    return make
