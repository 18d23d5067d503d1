"""The models and voices that a tenant names for each agent: checked at start, and used in its calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from livekit.agents import llm

from mortgage_fsm.machine import State
from mortgage_fsm.settings import Settings
from mortgage_fsm.tenants import Models, Tenant, Voice
from mortgage_fsm.voice.agents import MortgageRetrievalAgent, PaymentFlowAgent
from mortgage_fsm.voice.cast import cast, has, heard_through, problems
from mortgage_fsm.voice.providers import LLM, STT, TTS
from tests.stories.phone_line import Recogniser
from tests.stories.phone_line import Voice as Speaker
from tests.stories.rehearsal import Reply, ScriptedModel, rehearse

HERE = "tests.voice.test_cast"
SETTINGS = Settings(_env_file=None, llm="none", stt="none", tts="none")
MADE: list[Any] = []


@pytest.fixture(autouse=True)
def _none_made() -> Iterator[None]:
    MADE.clear()
    yield
    MADE.clear()


def _kept(made: Any) -> Any:
    MADE.append(made)
    return made


def one_model() -> Any:
    return _kept(ScriptedModel(lambda _: Reply()))


def other_model() -> Any:
    return _kept(ScriptedModel(lambda _: Reply()))


def recogniser() -> Any:
    return _kept(Recogniser())


def speaker() -> Any:
    return _kept(Speaker())


def tenant(advisor: Models | None = None, payment: Models | None = None) -> Tenant:
    return Tenant(name="Oak", voice=Voice(advisor=advisor or Models(), payment=payment or Models()))


def test_an_agent_has_of_its_own_what_its_tenant_names_and_nothing_else() -> None:
    found = cast(tenant(payment=Models(tts=f"{HERE}:speaker", llm="none")), SETTINGS, audio=True)
    assert found == {PaymentFlowAgent: {"llm": None, "tts": MADE[0]}}
    assert cast(tenant(), SETTINGS, audio=True) == {}


def test_a_service_that_both_name_is_made_once() -> None:
    both = Models(stt=f"{HERE}:recogniser", tts=f"{HERE}:speaker")
    found = cast(tenant(both, both), SETTINGS, audio=True)
    assert found[MortgageRetrievalAgent] == found[PaymentFlowAgent]
    assert len(MADE) == 2


def test_a_call_without_sound_makes_no_voices() -> None:
    found = cast(tenant(Models(llm=f"{HERE}:one_model", tts=f"{HERE}:speaker")), SETTINGS, audio=False)
    assert [*found[MortgageRetrievalAgent]] == ["llm"]


def test_every_model_is_heard_through_a_listener_and_no_voice_is() -> None:
    found = cast(tenant(Models(llm=f"{HERE}:one_model", tts=f"{HERE}:speaker")), SETTINGS, audio=True)
    seen: list[llm.LLM[Any] | None] = []

    def listener(inner: llm.LLM[Any] | None) -> llm.LLM[Any]:
        seen.append(inner)
        return ScriptedModel([])

    through = heard_through(found, listener)[MortgageRetrievalAgent]
    assert through["tts"] is found[MortgageRetrievalAgent]["tts"]
    assert seen == [found[MortgageRetrievalAgent]["llm"]]
    assert through["llm"] is not seen[0]


@pytest.mark.parametrize(
    ("named", "wrong"),
    [
        ({"advisor": {"llm": "no such thing"}}, ["voice.advisor.llm"]),
        ({"payment": {"tts": "cartesia"}}, ["voice.payment.tts"]),
        (
            {"payment": {"stt": f"{HERE}:nothing"}, "advisor": {"llm": "openai"}},
            ["voice.advisor.llm", "voice.payment.stt"],
        ),
        ({"payment": {"stt": f"{HERE}:recogniser", "tts": "none"}, "advisor": {"llm": "openai/gpt-4.1"}}, []),
        ({"payment": {"stt": 5}, "advisor": []}, []),
        ("loud", []),
    ],
)
def test_what_cannot_be_used_is_a_problem_of_its_key(named: Any, wrong: list[str]) -> None:
    assert [key for key, _ in problems(named, SETTINGS)] == wrong


def test_a_tenant_is_heard_and_spoken_to_if_both_its_agents_are() -> None:
    speaks = SETTINGS.model_copy(update={"tts": f"{HERE}:speaker"})
    assert has(TTS, tenant(), speaks)
    assert not has(STT, tenant(), speaks)
    assert not has(STT, tenant(Models(stt=f"{HERE}:recogniser")), speaks)
    assert has(STT, tenant(Models(stt=f"{HERE}:recogniser"), Models(stt=f"{HERE}:recogniser")), speaks)
    assert not has(TTS, tenant(payment=Models(tts="none")), speaks)


async def test_each_agent_asks_its_own_model_and_nobody_asks_the_calls() -> None:
    own = tenant(Models(llm=f"{HERE}:one_model"), Models(llm=f"{HERE}:other_model"))
    async with rehearse(model=ScriptedModel([]), tenant=own) as call:
        advisor, payment = MADE
        await call.say("the thing with the thing, you know")
        assert (len(advisor.requests), len(payment.requests)) == (1, 0)
        await call.reach(State.COLLECTING_LOAN)
        await call.say("the thing with the thing, you know")
        assert (len(advisor.requests), len(payment.requests)) == (1, 1)
        assert "loan_offered" in payment.requests[0].tools
    assert LLM == "llm"


async def test_an_agent_without_a_model_is_left_to_our_rules() -> None:
    async with rehearse(model=ScriptedModel([]), tenant=tenant(payment=Models(llm="none"))) as call:
        await call.reach(State.COLLECTING_LOAN)
        assert "loan number" in await call.say("the thing with the thing, you know")
