"""Real git repositories for tests."""

import subprocess
from pathlib import Path

_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_AUTHOR_NAME": "Alice",
    "GIT_AUTHOR_EMAIL": "alice@example.org",
    "GIT_COMMITTER_NAME": "Alice",
    "GIT_COMMITTER_EMAIL": "alice@example.org",
}


def git(directory: Path, *words: str) -> str:
    """What git says; it must succeed."""
    done = subprocess.run(
        ["git", *words],
        cwd=directory,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(directory), **_ENVIRONMENT},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.rstrip("\n")


def repository(path: Path, **files: str) -> Path:
    """A repository with a first commit on `main`, whose own configuration says who commits."""
    path.mkdir(parents=True, exist_ok=True)
    git(path, "init", "--quiet", "--initial-branch=main")
    git(path, "config", "user.name", "Alice")
    git(path, "config", "user.email", "alice@example.org")
    for name, content in (files or {"readme": "first\n"}).items():
        (path / name).write_text(content)
    git(path, "add", "--force", "--", *(files or {"readme": ""}))
    git(path, "commit", "--quiet", "--message", "first")
    return path
