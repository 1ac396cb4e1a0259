"""The units in deploy/: what systemd reads, and what the bot relies on."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bot import commands

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
UNITS = {"system": DEPLOY / "topicd.service", "user": DEPLOY / "user" / "topicd.service"}


def settings_of(unit: Path) -> Mapping[str, Sequence[str]]:
    """The assignments of a unit; a key may stand several times."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text(encoding="utf-8").splitlines():
        if line and line[0] not in "#[":
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_lets_agents_outlive_the_bot(name: str) -> None:
    """Each of these settings carries a promise of docs/operations.md."""
    found = settings_of(UNITS[name])
    expected = {
        "Type": "notify",
        "NotifyAccess": "main",
        "KillMode": "process",
        "OOMPolicy": "continue",
        "Restart": "always",
        "StartLimitIntervalSec": "0",
        "WatchdogSec": "120",
        "RestartPreventExitStatus": f"{commands.EXIT_CONFIGURATION} {commands.EXIT_TOKEN}",
    }
    assert {key: found.get(key) for key in expected} == {key: [value] for key, value in expected.items()}
    hindering = {"PrivateTmp", "ProtectHome", "MemoryDenyWriteExecute", "RestrictNamespaces", "DynamicUser"}
    assert not hindering & found.keys()


def test_the_service_of_the_system_keeps_its_state_where_systemd_makes_it() -> None:
    """Only its account gets in."""
    found = settings_of(UNITS["system"])
    assert found["StateDirectory"] == ["topicd"]
    assert found["StateDirectoryMode"] == ["0700"]
    assert "TOPICD_STATE__DIRECTORY=/var/lib/topicd" in found["Environment"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_no_fault(tmp_path: Path, name: str) -> None:
    """Every key is known and every value can be read; what is executed is put where it is here."""
    text = UNITS[name].read_text(encoding="utf-8")
    [program] = [words.split()[0] for words in settings_of(UNITS[name])["ExecStart"]]
    unit = tmp_path / "topicd.service"
    unit.write_text(text.replace(program, sys.executable).replace("User=topicd", "User=root"), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", *(["--user"] if name == "user" else []), "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        timeout=30,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    assert "topicd.service" not in done.stderr, done.stderr


def test_the_events_that_are_worth_an_alarm_exist() -> None:
    """What an operator is told to look for is what the bot writes."""
    source = "".join(
        path.read_text(encoding="utf-8")
        for package in ("bot", "orchestrator")
        for path in (ROOT / package).rglob("*.py")
    )
    events = re.findall(
        r"`([a-z]+\.[a-z_]+)`[^|\n]*\|", OPERATIONS.partition("## Health")[2].partition("## What is")[0]
    )
    assert len(events) >= 5
    for event in events:
        assert f'"{event}"' in source, event


def test_every_exit_code_is_explained() -> None:
    """With what systemd does about it."""
    rows = re.findall(r"^\| (\d) \|.*\| (yes|no) \|$", OPERATIONS, re.MULTILINE)
    codes = {value for name, value in vars(commands).items() if name.startswith("EXIT_")}
    assert {int(code) for code, _ in rows} == codes
    given_up = settings_of(UNITS["system"])["RestartPreventExitStatus"][0].split()
    assert [code for code, again in rows if again == "no"] == given_up
