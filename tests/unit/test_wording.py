"""Small pieces of wording."""

import pytest

from bot.wording import count, duration, process, processes, shortened, usage
from orchestrator.domain.agent_events import Usage
from orchestrator.domain.run_events import ProcessNote


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.04, "0.0 s"),
        (-3.0, "0.0 s"),
        (0.42, "0.4 s"),
        (3, "3 s"),
        (10.0, "10 s"),
        (59.9, "59 s"),
        (60, "1 min 00 s"),
        (185, "3 min 05 s"),
        (3599, "59 min 59 s"),
        (7800, "2 h 10 min"),
        (86399, "23 h 59 min"),
        (3 * 86400.0, "3 d"),
    ],
)
def test_a_time_span_is_said_shortly(seconds: float, said: str) -> None:
    """Tenths only where they matter, never more than two units."""
    assert duration(seconds) == said


def test_one_is_singular() -> None:
    """«1 step», «3 steps», «2 processes»."""
    assert [count(1, "step"), count(3, "step"), count(0, "task")] == ["1 step", "3 steps", "0 tasks"]
    assert [count(2, "process", "processes"), count(1, "process", "processes")] == ["2 processes", "1 process"]


def test_a_text_is_cut_to_one_line() -> None:
    """Line breaks become spaces; what is cut ends with an ellipsis and is within the limit."""
    assert shortened("a\n  b\tc", 10) == "a b c"
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdefg", 6) == "abcde…"
    assert shortened("abcd efgh", 6) == "abcd…"


def test_a_process_is_named_by_its_program() -> None:
    """The path of the program says nothing to a person; its arguments do."""
    assert process(ProcessNote(pid=7, command="/usr/bin/npm run  dev")) == "npm run dev (pid 7)"
    assert process(ProcessNote(pid=7, command="")) == "? (pid 7)"
    assert len(process(ProcessNote(pid=7, command="x " + "y" * 500))) < 80


def test_many_processes_are_counted() -> None:
    """Five are named, the others are a number."""
    notes = [ProcessNote(pid=pid, command="sh") for pid in range(7)]
    assert processes(notes[:2]) == "sh (pid 0), sh (pid 1)"
    assert processes(notes).endswith("sh (pid 4) and 2 more")


@pytest.mark.parametrize(
    ("used", "said"),
    [
        (Usage(), ""),
        (Usage(input_tokens=900, output_tokens=12_345), "900 in, 12.3k out"),
        (Usage(output_tokens=5), "? in, 5 out"),
        (Usage(cost_usd=0.004), "<$0.01"),
        (Usage(input_tokens=0, output_tokens=0, cost_usd=1.5), "0 in, 0 out · $1.50"),
        (Usage(context_tokens=100_000, context_limit=200_000), "context 50% full"),
        (Usage(context_tokens=1_200, context_limit=200_000), "context 1% full"),
        (Usage(context_tokens=900, context_limit=200_000), ""),
    ],
)
def test_usage_says_only_what_is_known(used: Usage, said: str) -> None:
    """An agent that counts nothing gets no line."""
    assert usage(used) == said
