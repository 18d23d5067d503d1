"""A label is a name from our own code, whatever is given for one."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from mortgage_fsm.knowledge.port import Status
from mortgage_fsm.machine import State
from mortgage_fsm.voice.metrics import FIRST_WORD_BUCKETS, OTHER, Component, Metrics, Tier


def test_half_a_second_to_the_first_word_is_an_edge_of_its_histogram() -> None:
    assert 0.5 in FIRST_WORD_BUCKETS


@pytest.mark.parametrize("word", ["10004471", "my loan is 10004471", "2190", "", "x" * 400])
def test_a_word_where_a_name_belongs_is_counted_as_other(word: str) -> None:
    metrics = Metrics()
    metrics.turned_away(word)
    metrics.tool_ran(word, 0.1)
    metrics.looked_up(word, Status.FOUND)
    read = metrics.registry.get_sample_value
    assert read("mortgage_fsm_refusals_total", {"reason": OTHER}) == 1
    assert read("mortgage_fsm_tool_seconds_count", {"tool": OTHER}) == 1
    assert read("mortgage_fsm_lookups_total", {"backend": OTHER, "status": "found"}) == 1
    assert not word or word not in generate_latest(metrics.registry).decode()


def test_a_name_made_up_by_a_model_is_not_a_tool() -> None:
    metrics = Metrics()
    metrics.tool_ran("transfer_everything", 0.1)
    assert metrics.registry.get_sample_value("mortgage_fsm_tool_seconds_count", {"tool": OTHER}) == 1


def test_what_a_process_counts_is_one_sum_over_its_calls() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    for _ in range(3):
        metrics.heard(Tier.RULES)
        metrics.call_ended(State.SUBMITTED)
        metrics.failed(Component.GATEWAY)
    assert registry.get_sample_value("mortgage_fsm_calls_total", {"state": "submitted"}) == 3
    assert registry.get_sample_value("mortgage_fsm_turns_total", {"heard_by": "rules"}) == 3


def test_two_calls_that_nobody_watches_share_nothing() -> None:
    one, other = Metrics(), Metrics()
    one.not_landed()
    assert other.registry.get_sample_value("mortgage_fsm_handoffs_total", {"outcome": "failed"}) is None
