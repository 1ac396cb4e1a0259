"""Install the pinned agent CLIs into `.cache/agents`: `python -m tests.real.install`.

Quick when everything is there. The versions are exact, because the CLIs change their output weekly and
the tests state what these versions do. Claude Code has to be there; the tests of another CLI are skipped
if it cannot be installed.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PREFIX = ROOT / ".cache" / "agents"
TIMEOUT_S = 600
CLAUDE_CODE = "@anthropic-ai/claude-code"
CLAUDE = PREFIX / "node_modules" / "@anthropic-ai" / "claude-code" / "bin" / "claude.exe"
"""The native binary (the package calls it so on every system); no Node.js is needed to run it."""
CODEX = PREFIX / "node_modules" / ".bin" / "codex"
"""What a person calls: a Node.js program that starts the native one and stays above it."""
GEMINI = PREFIX / "node_modules" / ".bin" / "gemini"
"""A Node.js program that starts itself again and stays above that."""
OPENCODE = PREFIX / "node_modules" / ".bin" / "opencode"
"""A native binary."""
PACKAGES = {
    CLAUDE_CODE: "2.1.329",
    "@openai/codex": "0.169.0",
    "@google/gemini-cli": "0.61.0",
    "opencode-ai": "1.18.33",
}
PROGRAMS = {CLAUDE_CODE: CLAUDE, "@openai/codex": CODEX, "@google/gemini-cli": GEMINI, "opencode-ai": OPENCODE}


class InstallError(Exception):
    """A CLI could not be installed; the message says what to do."""


def installed_version(package: str) -> str:
    """The version of `package` in the cache, or an empty string."""
    manifest = PREFIX / "node_modules" / package / "package.json"
    try:
        found = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    version = found.get("version") if isinstance(found, dict) else None
    return version if isinstance(version, str) else ""


def missing(package: str = CLAUDE_CODE) -> list[str]:
    """What npm has to install for a package, as `name@version`; empty if it is there."""
    there = installed_version(package) == PACKAGES[package] and PROGRAMS[package].exists()
    return [] if there else [f"{package}@{PACKAGES[package]}"]


def _run(argv: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


def _npm_install(wanted: list[str]) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise InstallError("npm was not found. Install Node.js (20 or newer) with npm and try again.")
    PREFIX.mkdir(parents=True, exist_ok=True)
    done = _run([npm, "install", "--prefix", str(PREFIX), "--no-audit", "--no-fund", "--save-exact", *wanted])
    if done.returncode != 0:
        tail = "\n".join(done.stderr.strip().splitlines()[-8:])
        raise InstallError(f"npm install {' '.join(wanted)} ended with {done.returncode}:\n{tail}")


def _check(package: str) -> None:
    program = PROGRAMS[package]
    version = _run([str(program), "--version"]) if program.exists() else None
    if version is None or PACKAGES[package] not in version.stdout:
        raise InstallError(
            f"{program} does not run. Remove {PREFIX} and try again; npm must be allowed to run "
            "the package's install script and to install optional dependencies."
        )


def install(package: str = CLAUDE_CODE) -> list[str]:
    """Install a package if it is missing and return what was installed. Raises `InstallError`."""
    wanted = missing(package)
    if wanted:
        _npm_install(wanted)
    if wanted or package == CLAUDE_CODE:
        _check(package)
    return wanted


def main() -> int:
    """The command: exit code 1 with the reason on stderr if Claude Code could not be installed."""
    code, done = 0, []
    for package in PACKAGES:
        try:
            done += install(package)
        except (InstallError, OSError, subprocess.TimeoutExpired) as error:
            print(error, file=sys.stderr)
            if package == CLAUDE_CODE:
                code = 1
            else:
                print(f"The tests of {package} will be skipped.", file=sys.stderr)
    if done:
        print("installed " + ", ".join(done))
    elif code == 0:
        print("the agent CLIs are installed" if not _absent() else f"not installed: {', '.join(_absent())}")
    return code


def _absent() -> list[str]:
    return [package for package in PACKAGES if missing(package)]


if __name__ == "__main__":
    sys.exit(main())
