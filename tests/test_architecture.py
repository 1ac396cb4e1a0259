"""The tree has the shape that the documents say, and stays readable."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "cli_runner", "orchestrator", "storage")
MAX_LINES = 400
LONGER = {
    "tests/integration/test_local_runs.py": "one contract, sentence by sentence",
    "tests/unit/test_codec_claude.py": "one wire format, kind by kind",
}
"""Modules that may be longer, and why."""

TOP_LEVEL = (
    ".ci/run",
    ".dockerignore",
    ".pre-commit-config.yaml",
    "AGENTS.md",
    "CHANGELOG.md",
    "CLAUDE.md",
    "CONTRIBUTING.md",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "README.md",
    "config.example.toml",
    "docs/configuration.md",
    "pyproject.toml",
    "requirements-dev.lock",
    "requirements.lock",
)

VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "shared"}

LOOSE_TASK = re.compile(r"(asyncio\.)?(create_task|ensure_future)|.*loop(\(\))?\.create_task")
SLEEPS = {"time.sleep", "anyio.sleep", "asyncio.sleep", "anyio.sleep_until", "sleep"}


def modules(*roots: str) -> list[Path]:
    """The modules below some directories, relative to the project."""
    return sorted(path.relative_to(ROOT) for root in roots for path in (ROOT / root).rglob("*.py"))


def tree_of(module: Path) -> ast.Module:
    return ast.parse((ROOT / module).read_text(), filename=str(module))


def calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Each call in a module: its line and the dotted name that is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            yield node.lineno, ast.unparse(node.func)


def loose_tasks(tree: ast.AST) -> list[int]:
    """Where a task is made that no task group owns."""
    return [line for line, name in calls(tree) if LOOSE_TASK.fullmatch(name)]


def bare_excepts(tree: ast.AST) -> list[int]:
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and node.type is None]


def sleeps(tree: ast.AST) -> list[int]:
    """Where time is waited for; `sleep(0)` only lets others run."""
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) in SLEEPS)
    return [node.lineno for node in found if [ast.unparse(argument) for argument in node.args] != ["0"]]


def sleeps_outside_of_polling(tree: ast.AST) -> list[int]:
    polling = {line for node in ast.walk(tree) if isinstance(node, ast.While) for line in sleeps(node)}
    return [line for line in sleeps(tree) if line not in polling]


@pytest.mark.parametrize("name", TOP_LEVEL)
def test_the_top_level_is_complete(name: str) -> None:
    """What people and programs look for at the top is there and not empty."""
    assert (ROOT / name).is_file()
    assert (ROOT / name).stat().st_size > 0


def test_the_orchestrator_has_two_floors() -> None:
    """orchestrator/ holds app/ and domain/, and nothing else."""
    found = {path.name for path in (ROOT / "orchestrator").iterdir()} - {"__pycache__", "__init__.py"}
    assert found == {"app", "domain"}


@pytest.mark.parametrize("module", modules(*PACKAGES, "tests", "benchmarks"), ids=str)
def test_modules_are_short(module: Path) -> None:
    """No module is longer than can be read in one go, unless there is a reason."""
    lines = len((ROOT / module).read_text().splitlines())
    assert lines <= MAX_LINES or str(module) in LONGER


@pytest.mark.parametrize("module", modules(*PACKAGES), ids=str)
def test_modules_are_nouns(module: Path) -> None:
    """A reader finds the file from the word: no drawer for everything."""
    assert not VAGUE_NAMES & set(module.with_suffix("").parts)


@pytest.mark.parametrize("module", modules(*PACKAGES), ids=str)
def test_modules_say_what_they_are_for(module: Path) -> None:
    """Every module that has anything in it begins with a docstring."""
    tree = tree_of(module)
    assert ast.get_docstring(tree) or not tree.body


@pytest.mark.parametrize("module", modules(*PACKAGES), ids=str)
def test_every_task_has_an_owner_and_every_handler_a_type(module: Path) -> None:
    """No loose asyncio tasks, whose errors are lost, and no bare `except`."""
    tree = tree_of(module)
    assert loose_tasks(tree) == []
    assert bare_excepts(tree) == []


@pytest.mark.parametrize("module", modules("tests"), ids=str)
def test_tests_await_events(module: Path) -> None:
    """No test sleeps; what supports tests may only poll, where nothing tells when.

    Programs that tests start are text here, so they may.
    """
    tree = tree_of(module)
    assert (sleeps if module.name.startswith("test_") else sleeps_outside_of_polling)(tree) == []


def test_the_checks_can_fail() -> None:
    """Each of the checks above finds what it looks for, and only that."""
    tree = ast.parse(
        "asyncio.create_task(f())\n"
        "asyncio.get_running_loop().create_task(f())\n"
        "tasks.create_task(f())\n"
        "try:\n    time.sleep(1)\nexcept:\n    pass\n"
        "while not done():\n    await anyio.sleep(2)\n    await anyio.sleep(0)\n"
    )
    assert loose_tasks(tree) == [1, 2]
    assert bare_excepts(tree) == [6]
    assert sleeps(tree) == [5, 9]
    assert sleeps_outside_of_polling(tree) == [5]


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_locks_have_hashes_and_no_address(name: str) -> None:
    """Every package is pinned with hashes, and no line says where it is fetched from."""
    lock = (ROOT / name).read_text()
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|^-[if]\b", lock, re.MULTILINE)
    entries = re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)[1:]
    assert entries
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+==\S+ ", entry), entry.splitlines()[0]
        assert "--hash=sha256:" in entry, entry.splitlines()[0]
