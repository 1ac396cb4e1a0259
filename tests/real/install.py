"""Install the pinned agent CLIs into `.cache/agents`: `python -m tests.real.install`.

Quick when everything is there. The versions are exact, because the CLIs change their output weekly and
the tests state what these versions do.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PREFIX = ROOT / ".cache" / "agents"
TIMEOUT_S = 600
PACKAGES = {"@anthropic-ai/claude-code": "2.1.329"}
CLAUDE = PREFIX / "node_modules" / "@anthropic-ai" / "claude-code" / "bin" / "claude.exe"
"""The native binary (the package calls it so on every system); no Node.js is needed to run it."""


class InstallError(Exception):
    """The CLIs could not be installed; the message says what to do."""


def installed_version(package: str) -> str:
    """The version of `package` in the cache, or an empty string."""
    manifest = PREFIX / "node_modules" / package / "package.json"
    try:
        found = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    version = found.get("version") if isinstance(found, dict) else None
    return version if isinstance(version, str) else ""


def missing() -> list[str]:
    """What npm has to install, as `name@version`."""
    return [f"{package}@{version}" for package, version in PACKAGES.items() if installed_version(package) != version]


def _run(argv: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


def install() -> list[str]:
    """Install what is missing and return its names. Raises `InstallError`."""
    wanted = missing()
    if wanted:
        npm = shutil.which("npm")
        if npm is None:
            raise InstallError("npm was not found. Install Node.js (18 or newer) with npm and try again.")
        PREFIX.mkdir(parents=True, exist_ok=True)
        done = _run([npm, "install", "--prefix", str(PREFIX), "--no-audit", "--no-fund", "--save-exact", *wanted])
        if done.returncode != 0:
            tail = "\n".join(done.stderr.strip().splitlines()[-8:])
            raise InstallError(f"npm install {' '.join(wanted)} ended with {done.returncode}:\n{tail}")
    version = _run([str(CLAUDE), "--version"]) if CLAUDE.exists() else None
    if version is None or PACKAGES["@anthropic-ai/claude-code"] not in version.stdout:
        raise InstallError(
            f"{CLAUDE} does not run. Remove {PREFIX} and try again; npm must be allowed to run "
            "the package's install script and to install optional dependencies."
        )
    return wanted


def main() -> int:
    """The command: exit code 1 with the reason on stderr if it failed."""
    try:
        done = install()
    except (InstallError, OSError, subprocess.TimeoutExpired) as error:
        print(error, file=sys.stderr)
        return 1
    print("installed " + ", ".join(done) if done else "the agent CLIs are installed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
