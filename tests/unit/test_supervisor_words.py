"""What a supervisor understands, and what it refuses to."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli_runner import run_facts
from cli_runner.supervisor import wire
from cli_runner.supervisor.order import Order, run_name
from orchestrator.domain.run_events import ProcessNote, ProgramExited, RunGone

ORDER: wire.Fields = {
    "op": "start", "v": wire.VERSION, "run_id": "r", "directory": "/runs", "cwd": "/", "argv": ["x"], "env": {},
    "gifts": [],
}  # fmt: skip


@given(st.binary())
def test_bytes_survive_the_wire(data: bytes) -> None:
    """Any bytes, in a line without a newline but its last."""
    line = wire.line({"data": wire.pack(data)})
    assert line.count(b"\n") == 1
    assert wire.unpack(wire.fields(line)["data"]) == data


@given(st.binary().map(lambda data: data.decode("utf-8", "surrogateescape")))
def test_text_that_is_no_utf8_survives_the_wire(text: str) -> None:
    """Arguments and paths are bytes to the kernel."""
    assert wire.fields(wire.line({"text": text}))["text"] == text


@given(st.binary())
def test_junk_is_a_value_error_or_an_object(data: bytes) -> None:
    """Nothing else can come out of a line."""
    with contextlib.suppress(ValueError):
        assert isinstance(wire.fields(data), dict)


@pytest.mark.parametrize("value", [None, "1", -1, float("nan"), float("inf"), 1e10, [], {}])
def test_only_sensible_durations_are_durations(value: object) -> None:
    """A bound must not become infinite or past by a typing error."""
    with pytest.raises(ValueError, match="not a number of seconds"):
        wire.seconds(value)


def test_an_order_has_defaults_for_what_a_client_leaves_out() -> None:
    """Only what is to be run is needed."""
    order = Order(ORDER)
    assert (order.polite_s, order.grace_s, order.keep_strays, order.interrupt) == (3.0, 5.0, True, b"")


@pytest.mark.parametrize(
    "change",
    [
        {"v": 99}, {"op": "stop"}, {"run_id": "../x"}, {"run_id": ""}, {"run_id": ".x"}, {"argv": []}, {"argv": [""]},
        {"argv": [1]}, {"argv": ["a\0b"]}, {"env": None}, {"env": {"A": 1}}, {"env": {"A": "\0"}}, {"cwd": None},
        {"gifts": [{"data": ""}]}, {"gifts": [{"id": "g", "data": "?"}]}, {"gifts": None}, {"bound_s": "soon"},
    ],
)  # fmt: skip
def test_an_order_that_makes_no_sense_is_refused(change: wire.Fields) -> None:
    """With a line that says why."""
    with pytest.raises(ValueError, match=r".+"):
        Order({**ORDER, **change})


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "a/b", "a\0", "x" * 201])
def test_a_run_id_is_a_plain_name(name: str) -> None:
    """It names a directory, so it must not lead anywhere else."""
    with pytest.raises(ValueError, match="not a run id"):
        run_name(name)


def test_facts_become_events() -> None:
    """With what they carry."""
    note = {"pid": 5, "command": "sleep", "age_s": 1.5, "rss": 4096}
    exited = run_facts.event({"ev": "exited", "code": 0, "signal": None, "stderr_tail": "x", "strays": [note]})
    stray = ProcessNote(pid=5, command="sleep", age_s=1.5, rss_bytes=4096)
    assert exited == ProgramExited(code=0, signal=None, stderr_tail="x", strays=(stray,))
    assert run_facts.event({"ev": "gone", "took_s": 1, "ended_tools": 2}) == RunGone(took_s=1.0, ended_tools=2)


@given(
    st.dictionaries(st.sampled_from(["ev", "id", "at", "code", "strays", "pid"]), st.none() | st.integers() | st.text())
)
def test_no_fact_of_a_later_version_breaks_a_reader(fields: wire.Fields) -> None:
    """What is not understood is no news."""
    run_facts.event(fields)
    run_facts.offset(fields)
