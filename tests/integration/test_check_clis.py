"""What `python -m bot check` says of the agent CLIs that it knows: version, login, remedy."""

import json
import re
from pathlib import Path

import pytest

from cli_runner.agents.known_clis import KNOWN, Cli
from tests.integration.check_setup import Setup, line

CODEX = '#!/bin/sh\ncase "$*" in *--version) echo "codex-cli {VERSION}";; *"login status") {STATUS};; esac\n'
OPENCODE = '#!/bin/sh\ncase "$*" in --version) echo {VERSION};; "auth list") printf "{LIST}";; esac\n'
GEMINI = '#!/bin/sh\n[ "$*" = --version ] && echo {VERSION}\n'
NOBODY = "echo Not logged in >&2; exit 1"
TESTED = {cli: known.tested for cli, known in KNOWN.items()}


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    made = Setup(tmp_path)
    (tmp_path / "home").mkdir()
    made.environ = {"HOME": str(tmp_path / "home")}
    return made


def codex(setup: Setup, name: str, *, version: str = TESTED[Cli.CODEX], status: str = "echo ok", more: str = "") -> str:
    """A program that answers as Codex does, as an agent of that name; the program's path."""
    program = setup.program(name, CODEX.replace("{VERSION}", version).replace("{STATUS}", status))
    setup.more += f'[agents.{name}]\nprotocol = "codex"\ncommand = ["{program}"]\n{more}\n'
    return program


def acp(setup: Setup, name: str, *, said: str, more: str = "") -> str:
    """An agent of that name with a program of that name."""
    program = setup.program(name, said)
    setup.more += f'[agents.{name}]\nprotocol = "acp"\ncommand = ["{program}", "--acp"]\n{more}\n'
    return program


async def test_codex_tells_its_version_and_whether_it_is_logged_in(setup: Setup) -> None:
    """By `codex login status`; the remedy names the command."""
    inside = codex(setup, "inside")
    codex(setup, "outside", status=NOBODY)
    codex(setup, "strange", status="exit 2")
    outcome = await setup.check("--offline")
    assert outcome.code == 0
    assert line(outcome, "agent inside") == f"ok    agent inside: {inside}, codex-cli 0.169.0, logged in"
    assert line(outcome, "agent strange").endswith("codex-cli 0.169.0")
    assert re.match(r"warn  .*not logged in.*`codex login`.*\[agents\.outside\]", line(outcome, "agent outside"))


async def test_a_provider_of_one_s_own_needs_its_key_and_no_login(setup: Setup) -> None:
    """Codex's configuration names the variable; the agent has to have it."""
    home = setup.path / "codex-home"
    home.mkdir()
    (home / "config.toml").write_text('model_provider = "mine"\n[model_providers.mine]\nenv_key = "MY_KEY"\n')
    variables = f'CODEX_HOME = "{home}"'
    codex(setup, "without", status=NOBODY, more=f"env = {{ {variables} }}")
    codex(setup, "with", status=NOBODY, more=f'env = {{ {variables}, MY_KEY = "x" }}')
    outcome = await setup.check("--offline")
    assert line(outcome, "agent with:").startswith("ok")
    assert re.match(r'warn  .*MY_KEY is not set.*pass_env = \["MY_KEY"\]', line(outcome, "agent without"))


@pytest.mark.parametrize(("version", "word"), [("0.42.0", "older"), ("7.0.0", "newer")])
async def test_a_version_that_was_not_tested_is_a_warning(setup: Setup, version: str, word: str) -> None:
    """It says which one is known to work, and how to install that."""
    codex(setup, "codex", version=version)
    acp(setup, "gemini", said=GEMINI.replace("{VERSION}", version), more='env = { GEMINI_API_KEY = "x" }')
    outcome = await setup.check("--offline")
    assert outcome.code == 0
    for name, cli in (("codex", Cli.CODEX), ("gemini", Cli.GEMINI)):
        said = line(outcome, f"agent {name}")
        assert re.match(rf"warn  .*version {re.escape(version)}, {word} than", said)
        assert KNOWN[cli].install in said


async def test_gemini_is_logged_in_by_a_key_or_by_a_login_of_its_own(setup: Setup) -> None:
    """Its settings say which; nothing of both is a warning."""
    said = GEMINI.replace("{VERSION}", TESTED[Cli.GEMINI])
    homes = {name: setup.path / f"home-{name}" for name in ("none", "google", "lost")}
    for name, home in homes.items():
        (home / ".gemini").mkdir(parents=True)
        chosen = {"security": {"auth": {"selectedType": "oauth-personal"}}}
        (home / ".gemini" / "settings.json").write_text("{}" if name == "none" else json.dumps(chosen))
        acp(setup, f"gemini-{name}", said=said, more=f'env = {{ HOME = "{home}" }}')
    (homes["google"] / ".gemini" / "oauth_creds.json").write_text("{}")
    acp(setup, "gemini-key", said=said, more=f'env = {{ HOME = "{homes["none"]}", GEMINI_API_KEY = "x" }}')
    acp(setup, "gemini-vertex", said=said, more='env = { GOOGLE_GENAI_USE_VERTEXAI = "true" }')
    outcome = await setup.check("--offline")
    for name in ("google", "key"):
        assert re.match(r"ok    .*, 0\.61\.0, logged in$", line(outcome, f"agent gemini-{name}"))
    assert re.match(r"ok    .*, 0\.61\.0$", line(outcome, "agent gemini-vertex"))
    for name in ("none", "lost"):
        remedy = rf"warn  .*not logged in.*Run `gemini` once.*\[agents\.gemini-{name}\]"
        assert re.match(remedy, line(outcome, f"agent gemini-{name}"))


async def test_opencode_counts_its_credentials(setup: Setup) -> None:
    """Without any it has its free models, so that is no fault."""
    listed = OPENCODE.replace("{VERSION}", TESTED[Cli.OPENCODE])
    acp(setup, "opencode-none", said=listed.replace("{LIST}", "└  0 credentials\\n"))
    both = "└  0 credentials\\n\\n└  \\033[90m2\\033[0m environment variables\\n"
    acp(setup, "opencode-some", said=listed.replace("{LIST}", both))
    outcome = await setup.check("--offline")
    assert line(outcome, "agent opencode-none").endswith("1.18.33")
    assert line(outcome, "agent opencode-some").endswith("1.18.33, logged in")


async def test_what_installs_a_missing_cli_is_said(setup: Setup) -> None:
    """The version that is known to work."""
    setup.more = f'[agents.gemini]\nprotocol = "acp"\ncommand = ["gemini", "--acp"]\nenv = {{ PATH = "{setup.work}" }}'
    outcome = await setup.check("--offline")
    assert outcome.code == 1
    said = line(outcome, "agent gemini")
    assert "was not found in PATH" in said
    assert "npm install -g @google/gemini-cli@0.61.0" in said


async def test_a_cli_that_lacks_node_says_so(setup: Setup) -> None:
    """A broken installation has a remedy beside its own words."""
    acp(setup, "opencode", said="#!/bin/sh\necho \"/usr/bin/env: 'node': No such file or directory\" >&2; exit 127\n")
    outcome = await setup.check("--offline")
    assert outcome.code == 1
    assert "OpenCode needs Node.js" in line(outcome, "agent opencode")


async def test_a_program_by_way_of_a_file_is_looked_for_itself(setup: Setup) -> None:
    """Not the one that writes the file."""
    setup.more = '[agents.mine]\nprotocol = "text"\ncommand = ["no-such-program", "{prompt_file}"]'
    outcome = await setup.check("--offline")
    assert outcome.code == 1
    assert "no-such-program was not found" in line(outcome, "agent mine")
