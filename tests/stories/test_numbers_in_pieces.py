"""Numbers read out in several turns: heard as one, answered with "Go on.", and forgotten when anything else is said."""

from __future__ import annotations

import re
from pathlib import Path

from mortgage_fsm.machine import State, Trigger
from tests.stories.phone_line import phone_line
from tests.stories.rehearsal import Reply, ScriptedModel, calls, rehearse


async def test_loan_number_and_last_four_in_pieces_lead_to_a_payment_and_no_model_is_asked() -> None:
    model = ScriptedModel([])
    async with rehearse(model=model) as call:
        await call.say("I'd like to make a payment")
        assert await call.say("one zero zero zero") == "Go on."
        assert await call.say("four four") == "Go on."
        assert "last four digits" in await call.say("seven one")
        assert call.call.loan == "10004471"
        assert await call.say("two one") == "Go on."
        await call.say("nine zero", "$1,200", "my bank account", "yes")
        assert await call.amounts() == [120000]
    assert model.requests == []


async def test_no_piece_reaches_a_model_later_and_none_is_written_down() -> None:
    model = ScriptedModel(lambda _: calls("payment_requested"))
    async with rehearse(model=model) as call:
        await call.say("I'd like to make a payment", "one zero zero zero", "four four", "so what does that mean then")
        assert model.requests
        shown = "\n".join(request.text for request in model.requests)
        assert "[4 digits]" in shown
        assert "zero" not in shown
        assert "four" not in shown
        logged = str(call.logged)
    texts = [value for record in call.written for value in record.values() if isinstance(value, str)]
    # By itself: inside a hash four digits stand by chance.
    assert not re.search(r"\b1000\b", " ".join([*texts, logged]))
    assert [r["reason"] for r in call.written if r["type"] == "edge_refusal"][:2] == ["go_on", "go_on"]
    assert all(r["words_ref"] for r in call.written if r["type"] == "edge_refusal")


async def test_pieces_are_forgotten_when_the_call_moves() -> None:
    async with rehearse() as call:
        await call.say("I'd like to make a payment", "1000", "what is escrow?", "go on with my payment")
        assert call.state is State.COLLECTING_LOAN
        assert await call.say("4471") == "Go on."
        assert call.call.loan is None


async def test_digits_too_many_are_asked_for_again_and_the_next_ones_begin_anew() -> None:
    async with rehearse() as call:
        await call.say("I'd like to make a payment")
        assert "loan number" in await call.say("1000", "44", "715")
        assert call.call.loan is None
        await call.say("1000", "4471")
        assert call.call.loan == "10004471"


async def test_a_wrong_beginning_costs_no_attempt_to_prove_who_one_is() -> None:
    async with rehearse() as call:
        await call.reach(State.VERIFYING)
        await call.say("21", "21", "2190")
        assert call.state is State.AMOUNT
        assert [d.trigger for d in call.decided].count(Trigger.IDENTITY_OFFERED) == 1


async def test_a_model_that_claims_a_loan_number_gets_none_from_a_piece() -> None:
    async with rehearse(model=ScriptedModel([Reply(), Reply()])) as call:
        await call.say("I'd like to make a payment", "1000 or so", "4471 I think")
        assert call.call.loan is None


async def test_on_the_line_a_silence_in_the_middle_of_a_number_forgets_its_beginning(tmp_path: Path) -> None:
    async with phone_line(tmp_path, away=0.3) as line:
        await line.tell("I'd like to make a payment", "loan number?")
        await line.tell("one zero zero zero", "Go on.")
        await line.until(lambda: any("Are you still there?" in said for said in line.spoken))
        await line.tell("four four seven one", "Go on.")
        assert line.call.loan is None


async def test_on_the_line_a_number_goes_on_while_the_agent_says_go_on(tmp_path: Path) -> None:
    async with phone_line(tmp_path) as line:
        await line.tell("I'd like to make a payment", "loan number?")
        line.voice.slowly = "Go on."
        before = len(line.spoken)
        await line.recogniser.hear("one zero zero zero")
        await line.until(lambda: line.phone.session.agent_state == "speaking" or len(line.spoken) > before)
        await line.recogniser.hear("four four seven one")
        await line.until(lambda: line.state is State.VERIFYING)
        assert line.call.loan == "10004471"
