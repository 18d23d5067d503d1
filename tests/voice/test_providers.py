from __future__ import annotations

from typing import Any

import pytest
from livekit.agents import llm, stt, tts
from pydantic import SecretStr

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.settings import Settings
from mortgage_fsm.voice.providers import NONE, in_use, provider
from tests.stories.phone_line import Recogniser, Voice
from tests.stories.rehearsal import ScriptedModel

KINDS = {"llm": ("openai", "openai_api_key", llm.LLM), "stt": ("deepgram", "deepgram_api_key", stt.STT),
         "tts": ("cartesia", "cartesia_api_key", tts.TTS)}  # fmt: skip


def settings(**changes: Any) -> Settings:
    keys = dict.fromkeys((key for _, key, _ in KINDS.values()), None)
    return Settings(_env_file=None).model_copy(update={**keys, **changes})


def scripted() -> ScriptedModel:
    return ScriptedModel([])


def recogniser() -> Recogniser:
    return Recogniser()


def voice() -> Voice:
    return Voice()


MAKERS = {"llm": scripted, "stt": recogniser, "tts": voice}
NOT_CALLABLE = 7


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_key_auto_is_none(kind: str) -> None:
    found = provider(kind, settings())
    assert (found.name, bool(found), found()) == (NONE, False, None)


@pytest.mark.parametrize("kind", KINDS)
def test_with_a_key_auto_is_the_vendor_and_nothing_is_loaded_before_it_is_made(kind: str) -> None:
    vendor, key, _ = KINDS[kind]
    found = provider(kind, settings(**{key: SecretStr("a key")}))
    assert (found.name, bool(found)) == (vendor, True)


@pytest.mark.parametrize("kind", KINDS)
def test_none_is_none_even_with_a_key(kind: str) -> None:
    _, key, _ = KINDS[kind]
    assert not provider(kind, settings(**{key: SecretStr("a key"), kind: "none"}))


@pytest.mark.parametrize("kind", KINDS)
def test_a_vendor_without_its_key_is_a_problem_that_names_the_key(kind: str) -> None:
    vendor, key, _ = KINDS[kind]
    with pytest.raises(ConfigurationError, match=key.upper()):
        provider(kind, settings(**{kind: vendor}))


@pytest.mark.parametrize("kind", KINDS)
def test_a_factory_makes_any_plug_in(kind: str) -> None:
    name = f"{__name__}:{MAKERS[kind].__name__}"
    found = provider(kind, settings(**{kind: name}))
    assert found.name == name
    assert isinstance(found(), KINDS[kind][2])


@pytest.mark.parametrize("kind", KINDS)
def test_a_factory_of_another_kind_is_a_problem(kind: str) -> None:
    other = MAKERS["tts" if kind == "llm" else "llm"].__name__
    with pytest.raises(ConfigurationError, match=f"MORTGAGE_FSM_{kind.upper()} makes a"):
        provider(kind, settings(**{kind: f"{__name__}:{other}"}))()


@pytest.mark.parametrize(
    "name", ["no.such.module:factory", "json:no_such", f"{__name__}:NOT_CALLABLE", "json:", "nonsense"]
)
def test_what_cannot_be_imported_or_called_is_a_problem_before_a_call_begins(name: str) -> None:
    with pytest.raises(ConfigurationError):
        provider("llm", settings(llm=name))


def test_several_are_asked_in_their_order_and_none_cannot_be_among_them() -> None:
    names = f"{__name__}:scripted,{__name__}:scripted"
    assert isinstance(provider("llm", settings(llm=names))(), llm.FallbackAdapter)
    with pytest.raises(ConfigurationError, match="stand alone"):
        provider("llm", settings(llm=f"none,{__name__}:scripted"))


def test_what_is_in_use_is_said_by_name() -> None:
    assert in_use(settings()) == {"llm": "none", "stt": "none", "tts": "none", "vad": "silero"}
