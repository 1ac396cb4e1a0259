"""Write `docs/agents-matrix.md`: `python -m tests.real.matrix`. It says what the tests with the real CLIs prove."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.real import test_bot_with_clis, test_bot_with_clis_asking
from tests.real.install import CLAUDE_CODE, PACKAGES
from tests.real.proofs import ALL, Agent, Claim, Row, claims_in

PAGE = Path(__file__).resolve().parents[2] / "docs" / "agents-matrix.md"
MODULES = (test_bot_with_clis, test_bot_with_clis_asking)
TITLES = {Agent.CLAUDE: "Claude Code", Agent.CODEX: "Codex", Agent.GEMINI: "Gemini CLI", Agent.OPENCODE: "OpenCode"}
_PACKAGES = {
    Agent.CLAUDE: CLAUDE_CODE,
    Agent.CODEX: "@openai/codex",
    Agent.GEMINI: "@google/gemini-cli",
    Agent.OPENCODE: "opencode-ai",
}
_HEAD = """\
# What each agent can do here

Each «yes» is a test that runs the real program behind the whole bot, with a scripted model instead of a real one:
`make test-real`. This page is written by `python -m tests.real.matrix` from what those tests declare, and
`make test` compares them. What the demo agent and programs of protocol `text` can do is said in [agents](agents.md).

"""


class MatrixError(Exception):
    """The tests declare too little about something, or contradict each other."""


def cell(claims: Iterable[Claim], row: Row, agent: Agent) -> str:
    """What stands in the row of a capability, below an agent. Raises `MatrixError`."""
    about = [claim for claim in claims if row in claim.rows]
    proven = [claim for claim in about if agent in claim.by]
    lacking = [claim.lacks[agent] for claim in about if agent in claim.lacks]
    if bool(proven) == bool(lacking):
        raise MatrixError(f"of {agent} it is declared {'both' if proven else 'neither'} that it can and can't: {row}")
    if lacking:
        return f"no: {'; '.join(lacking)}"
    notes = [claim.notes[agent] for claim in proven if agent in claim.notes]
    return f"yes, {'; '.join(notes)}" if notes else "yes"


def page(claims: Iterable[Claim]) -> str:
    """The whole page."""
    return _HEAD + "".join(f"{line}\n" for line in _table(list(claims)))


def _table(claims: list[Claim]) -> Iterator[str]:
    yield _line("", [f"{TITLES[agent]} {PACKAGES[_PACKAGES[agent]]}" for agent in ALL])
    yield "|---" * (1 + len(ALL)) + "|"
    for row in Row:
        yield _line(row, [cell(claims, row, agent) for agent in ALL])


def _line(first: str, cells: list[str]) -> str:
    return f"| {' | '.join([first, *cells])} |"


def declared() -> list[Claim]:
    """What all the tests with the real CLIs declare."""
    return [claim for module in MODULES for claim in claims_in(module)]


if __name__ == "__main__":
    PAGE.write_text(page(declared()), encoding="utf-8")
