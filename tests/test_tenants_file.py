"""A tenants file: read whole, or refused with everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.heard import Method
from mortgage_fsm.settings import Settings
from mortgage_fsm.tenants import Tenants
from mortgage_fsm.voice.tenancy import read_tenants

GOOD = """
[tenant.oak]
name = "Oak Home Loans"
numbers = ["+15105550100"]
statements = ["You allow Oak Home Loans to draw this payment electronically."]
methods = ["bank_transfer"]
records_calls = true
time_zone = "America/Chicago"
hours = { monday = "08:00-18:00", saturday = "10:00-24:00" }
phrases.greeting.first = "Oak Home Loans, that is {servicer}. How can I help?"

[tenant.oak.limits]
minimum = 500
maximum = 250000

[tenant.oak.transfer]
fraud = "+15105550199"
fallback = "sip:desk@oak.example"

[tenant.ash]
name = "Ash Servicing"
numbers = ["+15105550200"]
limits.maximum = 900000
"""

Read = Callable[..., Tenants]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def reading(text: str | bytes, **settings: Any) -> Tenants:
        file = tmp_path / "tenants.toml"
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return read_tenants(Settings(_env_file=None, tenants=file, **settings))

    return reading


def problems(read: Read, text: str | bytes) -> list[str]:
    with pytest.raises(ConfigurationError) as refused:
        read(text)
    return list(refused.value.problems)


def test_a_good_file_is_read(read: Read) -> None:
    oak, ash = read(GOOD).by_id.values()
    assert (oak.id, oak.name, ash.id) == ("oak", "Oak Home Loans", "ash")
    assert oak.methods == (Method.BANK_TRANSFER,)
    assert (oak.limits.minimum, oak.limits.maximum) == (500, 250_000)
    assert oak.transfer.fallback == "sip:desk@oak.example"
    assert set(ash.methods) == set(Method)


def test_what_a_table_leaves_out_comes_from_the_settings(read: Read) -> None:
    settings = {"minimum_payment": 700, "maximum_payment": 800_000, "text_streams": True}
    oak, ash = read(GOOD, moss_index_name="house", **settings).by_id.values()
    assert (oak.limits.minimum, oak.limits.maximum) == (500, 250_000)
    assert (ash.limits.minimum, ash.limits.maximum) == (700, 900_000)
    assert (ash.language, ash.knowledge_index, ash.text_streams) == ("en", "house", True)


def test_without_a_file_there_is_the_one_tenant_of_the_settings() -> None:
    settings = Settings(_env_file=None, servicer="House", minimum_payment=300, maximum_payment=400)
    [only] = read_tenants(settings).by_id.values()
    assert (only.id, only.name, only.limits.minimum, only.limits.maximum) == ("default", "House", 300, 400)


def test_the_order_of_keys_does_not_change_the_hash_and_a_changed_key_does(read: Read) -> None:
    one = read('[tenant.a]\nname = "A"\nrecords_calls = true\n').by_id["a"]
    two = read('[tenant.a]\nrecords_calls = true\nname = "A"\n').by_id["a"]
    other = read('[tenant.a]\nrecords_calls = false\nname = "A"\n').by_id["a"]
    assert one.config_hash == two.config_hash != other.config_hash


BAD = [
    ('name = "Oak"\ncolour = "SECRET"', "tenant oak: colour: is not a key"),
    ('colour = "SECRET"', "tenant oak: name: is missing"),
    ('name = ""', "tenant oak: name: is empty"),
    ('name = "Oak\\u0007SECRET"', "tenant oak: name: holds a control character"),
    ('name = "Oak\\u202eSECRET"', "tenant oak: name: holds a control character"),
    ('name = "Oak"\nphrases.greeting.first = "a\\u001b[2J"', "tenant oak: phrases.greeting.first: "),
    ('name = "Oak"\nphrases.greeting.first = ["a\\u001b[2J"]', "tenant oak: phrases.greeting.first"),
    ("name = 7", "tenant oak: name: Input should be a valid string"),
    ('name = "Oak"\nid = "SECRET"', "tenant oak: id: is the name of the table"),
    ('name = "Oak"\nnumbers = ["SECRET"]', "tenant oak: numbers.1: "),
    ('name = "Oak"\nnumbers = ["+15105550100", "5105550100"]', "tenant oak: numbers.2: "),
    ('name = "Oak"\nnumbers = ["+15105550100", "+15105550100"]', "tenant oak: numbers: holds an entry twice"),
    ('name = "Oak"\nlanguage = "xx"', "tenant oak: language: callers cannot be heard in it"),
    ('name = "Oak"\nlanguage = "../SECRET"', "tenant oak: language: it has no phrases"),
    ('name = "Oak"\nphrases.greeting.SECRET = "x"', "tenant oak: phrases.greeting.SECRET: there is no such sentence"),
    ('name = "Oak"\nphrases.nowhere.first = "x"', "tenant oak: phrases.nowhere: there is no such section"),
    ('name = "Oak"\nphrases.greeting.first = 7', "tenant oak: phrases.greeting.first: must be a sentence or a list"),
    (
        'name = "Oak"\nphrases.greeting.first = "{SECRET}"',
        "phrases.greeting.first: has a placeholder that is not known",
    ),
    ('name = "Oak"\nstatements = [""]', "tenant oak: statements.1: is empty"),
    ('name = "Oak"\nstatements = ["SECRET\\u001b[2J"]', "tenant oak: statements.1: holds a control character"),
    ('name = "Oak"\nstatements = "SECRET"', "tenant oak: statements: Input should be a valid"),
    ('name = "Oak"\nlimits.minimum = 0', "tenant oak: limits.minimum: Input should be greater than 0"),
    ('name = "Oak"\nlimits.minimum = "100"', "tenant oak: limits.minimum: Input should be a valid integer"),
    ('name = "Oak"\nlimits.minimum = true', "tenant oak: limits.minimum: Input should be a valid integer"),
    ('name = "Oak"\nlimits.maximum = 1.5', "tenant oak: limits.maximum: Input should be a valid integer"),
    ('name = "Oak"\nlimits = {minimum = 9, maximum = 8}', "tenant oak: limits: the minimum is above the maximum"),
    ('name = "Oak"\nlimits = "SECRET"', "tenant oak: limits: "),
    ('name = "Oak"\nmethods = ["SECRET"]', "tenant oak: methods.1: Input should be 'bank_transfer', "),
    ('name = "Oak"\nmethods = []', "tenant oak: methods: holds too few entries"),
    ('name = "Oak"\ntime_zone = "SECRET/City"', "tenant oak: time_zone: is not a time zone"),
    ('name = "Oak"\ntime_zone = "../../etc/passwd"', "tenant oak: time_zone: is not a time zone"),
    ('name = "Oak"\nhours.funday = "08:00-18:00"', "tenant oak: hours.funday: Input should be 'monday', "),
    ('name = "Oak"\nhours.monday = "18:00-08:00"', "tenant oak: hours.monday: must open before it closes"),
    ('name = "Oak"\nhours.monday = "08:00-29:00"', "tenant oak: hours.monday: "),
    ('name = "Oak"\nhours.monday = 08:00:00', "tenant oak: hours.monday: Input should be a valid string"),
    ('name = "Oak"\ntransfer.fraud = "SECRET"', "tenant oak: transfer.fraud: "),
    ('name = "Oak"\ntransfer.boredom = "+15105550100"', "tenant oak: transfer.boredom: is not a key"),
    ('name = "Oak"\nknowledge_index = ""', "tenant oak: knowledge_index: is empty"),
    ('name = "Oak"\nrecords_calls = "yes"', "tenant oak: records_calls: Input should be a valid boolean"),
    ('name = "Oak"\ntext_streams = 1', "tenant oak: text_streams: Input should be a valid boolean"),
]


@pytest.mark.parametrize(("lines", "said"), BAD)
def test_what_is_wrong_is_said_by_tenant_and_key_and_its_value_is_not(read: Read, lines: str, said: str) -> None:
    found = problems(read, f"[tenant.oak]\n{lines}\n")
    assert any(said in problem for problem in found), found
    values = " ".join(found).replace(".SECRET: there is no such sentence", "")
    assert "SECRET" not in values


def test_every_key_of_a_tenant_has_been_got_wrong() -> None:
    tried = " ".join(lines for lines, _ in BAD)
    for key in ("id", "name", "numbers", "language", "phrases", "statements", "limits", "methods", "time_zone", "hours",
                "transfer", "knowledge_index", "records_calls", "text_streams"):  # fmt: skip
        assert key in tried


def test_all_that_is_wrong_with_a_file_is_said_at_once(read: Read) -> None:
    found = problems(
        read,
        """
        top = 1
        [tenant.oak]
        limits = { minimum = -1 }
        methods = ["cash"]
        numbers = ["+15105550100"]
        language = "xx"
        [tenant.ash]
        name = "Ash"
        numbers = ["+15105550100"]
        time_zone = "nowhere"
        phrases.greeting.first = "{loan}"
        [tenant.unknown]
        name = "Nobody"
        """,
    )
    for said in (
        "top: is not a key",
        "tenant oak: name: is missing",
        "tenant oak: limits.minimum",
        "tenant oak: methods.1",
        "tenant oak: language",
        "tenant oak: numbers: one is another tenant's too",
        "tenant ash: numbers: one is another tenant's too",
        "tenant ash: time_zone",
        "tenant ash: phrases.greeting.first",
        "tenant unknown: is kept for calls that are for no tenant",
    ):
        assert any(said in problem for problem in found), (said, found)
    assert len(set(found)) == len(found)
    assert all(problem.startswith("tenants.toml: ") for problem in found)


@pytest.mark.parametrize("name", ["Oak", "1oak", '"oak branch"', '"555-01-2190"', f"a{'b' * 32}", '""'])
def test_an_id_that_could_not_stand_in_a_record_is_refused_by_its_place(read: Read, name: str) -> None:
    found = problems(read, f'[tenant.a]\nname = "A"\n[tenant.{name}]\nname = "B"\n')
    assert found == [
        "tenants.toml: tenant number 2: its id must be lower-case letters, digits, _ and -, and a letter first"
    ]


def test_a_key_that_could_hold_anything_is_not_repeated(read: Read) -> None:
    [found] = problems(read, '[tenant.a]\nname = "A"\n"key of 555 01 2190" = 1\n')
    assert "2190" not in found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "tenant: "),
        ("tenant = 7", "tenant: "),
        ("[tenant]", "tenant: holds too few entries"),
        ("[tenant]\noak = 7", "tenant oak"),
        ("[[tenant]]\nname = 'SECRET'", "tenant: "),
        ("[tenant.oak]\nname = SECRET", "is not TOML at line 2"),
        ("[tenant.oak]\n[tenant.oak]", "is not TOML at line 2"),
        (b"\xff\xfe", "is not text in UTF-8"),
        ("x = " + "[" * 2000, "tables in tables"),
        ("[tenant.oak]\nphrases = " + "{a = " * 600 + "1" + "}" * 600, "tables in tables"),
    ],
)
def test_what_is_no_file_of_tenants_is_one_sentence(read: Read, text: str | bytes, said: str) -> None:
    [found] = problems(read, text)
    assert said in found
    assert "SECRET" not in found


def test_a_file_may_begin_with_a_byte_order_mark(read: Read) -> None:
    (oak,) = read(b"\xef\xbb\xbf[tenant.oak]\nname = 'Oak'\n").by_id.values()
    assert oak.name == "Oak"


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_tenants(Settings(_env_file=None, tenants=tmp_path / "none.toml"))
    assert refused.value.problems == ("MORTGAGE_FSM_TENANTS: none.toml cannot be read",)


def test_the_language_of_the_settings_is_held_to_the_same() -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_tenants(Settings(_env_file=None, language="xx"))
    assert all(problem.startswith("MORTGAGE_FSM_LANGUAGE: ") for problem in refused.value.problems)
