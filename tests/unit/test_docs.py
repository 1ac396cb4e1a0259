"""What the documentation says is there."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.command_list import COMMANDS, CommandHelp
from bot.settings_file import load_settings
from orchestrator.domain.machine import TRANSITIONS, TurnEvent
from orchestrator.domain.states import TERMINAL_STATES, LetterState, Mode, TurnState
from storage import migrations

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
COMMANDS_PAGE = ROOT / "docs" / "commands.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
SCREENSHOTS = ROOT / "scripts" / "screenshots.py"

ANSWERS = ROOT / "tests" / "fixtures" / "answers"  # what agents say, on purpose as badly as can be
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "tests").rglob("*.md")])
PAGES = [page for page in PAGES if page.parent != ANSWERS]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
PACKAGES = ("bot", "orchestrator", "cli_runner", "storage")
QUOTED = re.compile(r"`([^`\n]+)`")
FOREIGN = {
    "the number of an issue": re.compile(r"(?<![\w/&#])#\d+\b|\b(?:issues|pull)/\d+"),
    "a path of somebody's machine": re.compile(r"(?<![\w.~])/(?:work|root|Users|workspace)/"),
    "a directory that is not in this repository": re.compile(r"(?<![\w-])shared[/]"),
}


def prose(page: Path) -> str:
    """A page without its code blocks."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> Iterator[str]:
    """The targets of a page's links and images that are not on the web."""
    for target in LINK.findall(prose(page)):
        if not re.match(r"[a-z]+:", target):
            yield target


def anchors(page: Path) -> set[str]:
    """What the headings of a page can be linked as, by GitHub's rule."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def toml_examples(page: Path) -> list[str]:
    """The TOML blocks of a page."""
    return [code for _, language, code in FENCE.findall(page.read_text(encoding="utf-8")) if language == "toml"]


def rows_of(page: Path) -> list[list[str]]:
    """The cells of every row of every table of a page."""
    lines = page.read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_is_documented(command: CommandHelp) -> None:
    """A command of the menu stands in the README and in the page of commands."""
    for page in (README, COMMANDS_PAGE):
        assert re.search(rf"`/{command.name}\b", page.read_text(encoding="utf-8")), page


def test_no_command_is_invented() -> None:
    """The tables of commands name no command that the bot does not have."""
    known = {command.name for command in COMMANDS} | {"start"}
    found = {
        name
        for page in (README, COMMANDS_PAGE)
        for row in rows_of(page)
        for name in re.findall(r"`/(\w+)", row[0])
        if name.islower()
    }
    assert found == known


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    """A relative link names a file that is there, and a heading of it; a picture may yet have to be taken."""
    page = ROOT / name
    for target in links(page):
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if there.suffix == ".png" and not there.exists():
            assert SCREENSHOTS.exists(), target
            assert there.stem in SCREENSHOTS.read_text(encoding="utf-8"), target
            continue
        assert there.exists(), target
        assert there.is_relative_to(ROOT), target
        assert not anchor or anchor in anchors(there), target


@pytest.mark.parametrize("name", NAMES)
def test_files_that_are_named_exist(name: str) -> None:
    """A module or directory of the project that a page names is there."""
    for word in QUOTED.findall(prose(ROOT / name)):
        if re.fullmatch(rf"(?:{'|'.join(PACKAGES)})/[\w/.]*", word):
            assert (ROOT / word).exists(), word


@pytest.mark.parametrize("name", NAMES)
def test_tests_that_are_named_exist(name: str) -> None:
    """A test that a page names as the proof of something is there."""
    known = {
        found
        for path in (ROOT / "tests").rglob("test_*.py")
        for found in re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))
    }
    named = set(re.findall(r"\btest_\w+", (ROOT / name).read_text(encoding="utf-8")))
    modules = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    assert named <= known | modules, named - known - modules


def test_code_that_the_architecture_names_exists() -> None:
    """What the table of invariants points to is defined in some module."""
    source = "\n".join(
        path.read_text(encoding="utf-8") for package in PACKAGES for path in (ROOT / package).rglob("*.py")
    )
    rows = rows_of(ARCHITECTURE)
    places = [row[1] for row in rows[rows.index(["", "where"]) + 2 : rows.index(["table", "holds"])]]
    assert len(places) > 10
    for word in (word for place in places for word in QUOTED.findall(place)):
        if re.fullmatch(r"[A-Za-z_]+(\.[a-z_]+)?", word) and not word.endswith(".py"):
            for name in word.split("."):
                defined = rf"^ *(?:async def|def|class) {name}\b|^{name} = "
                assert re.search(defined, source, re.MULTILINE), word


@pytest.mark.parametrize("name", NAMES)
def test_nothing_foreign_is_mentioned(name: str) -> None:
    """No page names what its readers do not have."""
    text = (ROOT / name).read_text(encoding="utf-8")
    for what, pattern in FOREIGN.items():
        assert not (found := pattern.search(text)), f"{what}: {found}"


def test_the_readme_s_configuration_loads(tmp_path: Path) -> None:
    """The example of the README is a whole configuration."""
    [example] = toml_examples(README)
    config = tmp_path / "config.toml"
    config.write_text(example, encoding="utf-8")
    config.chmod(0o600)
    settings = load_settings(config, {"HOME": str(tmp_path)})
    assert settings.access.users == (111111111,)
    assert settings.access.admins == settings.access.users
    assert settings.agents["claude"].mode is Mode.EDITS
    assert settings.defaults.project in settings.projects


@pytest.mark.parametrize("name", NAMES)
def test_examples_are_toml(name: str) -> None:
    """Every TOML block of a page can be read."""
    for example in toml_examples(ROOT / name):
        tomllib.loads(example)


def test_the_table_of_transitions_is_the_machine_s() -> None:
    """The page of the architecture has exactly the transitions that the machine has."""
    rows = rows_of(ARCHITECTURE)
    at = next(nth for nth, row in enumerate(rows) if row[:2] == ["event", "queued"])
    states = [TurnState(word) for word in rows[at][1:]]
    documented: dict[TurnState, dict[TurnEvent, TurnState]] = {state: {} for state in states}
    for row in rows[at + 2 : at + 2 + len(TurnEvent)]:
        event = TurnEvent(row[0].split("`")[1])
        for state, target in zip(states, row[1:], strict=True):
            if target:
                documented[state][event] = TurnState(target)
    assert documented == {state: dict(TRANSITIONS[state]) for state in TurnState if state not in TERMINAL_STATES}


def test_words_that_are_stored_are_explained() -> None:
    """The page of the architecture names every table, every state of a turn, and every state of a letter."""
    text = ARCHITECTURE.read_text(encoding="utf-8")
    tables = re.findall(r"CREATE TABLE (\w+)", "\n".join(sql for _, _, sql in migrations.scripts()))
    for word in [*tables, *TurnState, *LetterState]:
        assert f"`{word}`" in text, word


def test_modes_are_explained() -> None:
    """The page of commands has a row for each mode."""
    first_cells = [row[0] for row in rows_of(COMMANDS_PAGE)]
    for mode in Mode:
        assert f"`{mode}`" in first_cells
