"""The page that says what each agent can do: no «yes» without a test."""

from collections.abc import Iterator

import pytest

from tests.real.matrix import MODULES, PAGE, MatrixError, cell, declared, page
from tests.real.proofs import ALL, Agent, Claim, Row, claims_in

ROW = Row.STEER


def ran_for(module: object) -> Iterator[tuple[tuple[Row, ...], set[Agent], set[Agent]]]:
    """The rows of each claim of a module, by whom they are claimed, and for whom its test runs."""
    for test in vars(module).values():
        marks = [mark for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
        for claim in getattr(test, "claims", ()):
            yield claim.rows, set(claim.by), {agent for mark in marks for agent in mark.args[1]}


def test_the_page_is_what_the_tests_declare() -> None:
    """Write it anew with `python -m tests.real.matrix`."""
    assert PAGE.read_text(encoding="utf-8") == page(declared())


def test_every_yes_is_a_test_that_runs_for_that_agent() -> None:
    """And every row is claimed by some test."""
    claimed = [each for module in MODULES for each in ran_for(module)]
    assert len(claimed) == sum(len(claims_in(module)) for module in MODULES)
    for rows, by, runs in claimed:
        assert by <= runs, rows
    assert {row for rows, _, _ in claimed for row in rows} == set(Row)


def test_a_cell_is_yes_or_no_and_says_why() -> None:
    """With what a «yes» needs."""
    claims = [
        Claim(rows=(ROW,), by=(Agent.CLAUDE, Agent.CODEX), lacks={Agent.GEMINI: "it can't"}, notes={Agent.CODEX: "so"})
    ]
    assert [cell(claims, ROW, agent) for agent in ALL[:3]] == ["yes", "yes, so", "no: it can't"]


def test_what_nothing_is_declared_about_is_an_error() -> None:
    """And so is what is declared both ways."""
    claims = [Claim(rows=(ROW,), by=(Agent.CLAUDE,))]
    with pytest.raises(MatrixError, match=r"of codex .* neither"):
        cell(claims, ROW, Agent.CODEX)
    claims.append(Claim(rows=(ROW,), by=(), lacks={Agent.CLAUDE: "it can't"}))
    with pytest.raises(MatrixError, match=r"of claude .* both"):
        cell(claims, ROW, Agent.CLAUDE)
