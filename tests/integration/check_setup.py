"""A sound configuration for `python -m bot check`, to be spoilt by tests."""

from pathlib import Path

from bot.sandbox.server import DEFAULT_TOKEN
from tests.integration.shell_command import Outcome, python_m_bot

NOBODY_LISTENS = "http://127.0.0.1:9"


class Setup:
    """A configuration that is sound unless a test spoils it: the demo agent, one user, a directory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.work = path / "work"
        self.work.mkdir(parents=True)
        self.state = path / "state"
        self.state.mkdir(mode=0o700)
        self.api_url = NOBODY_LISTENS
        self.token = DEFAULT_TOKEN
        self.chats: list[int] = []
        self.more = ""
        self.environ: dict[str, str] = {}

    def program(self, name: str, text: str, *, mode: int = 0o755) -> str:
        """A program on disk."""
        made = self.path / name
        made.write_text(text)
        made.chmod(mode)
        return str(made)

    async def check(self, *arguments: str) -> Outcome:
        """What the command says; never the token."""
        config = self.path / "config.toml"
        config.write_text(
            f'[telegram]\ntoken = "{self.token}"\napi_url = "{self.api_url}"\n'
            f"[access]\nusers = [111111111]\nchats = {self.chats}\n"
            f'[state]\ndirectory = "{self.state}"\n[agents.demo]\n'
            f'[defaults]\nagent = "demo"\ndirectory = "{self.work}"\n{self.more}\n'
        )
        outcome = await python_m_bot("check", "--config", str(config), *arguments, environ=self.environ)
        assert self.token.partition(":")[2] not in outcome.stdout + outcome.stderr
        assert outcome.stderr == ""
        return outcome


def line(outcome: Outcome, subject: str) -> str:
    """The one line about a subject."""
    [found] = [each for each in outcome.lines if each[6:].startswith(subject)]
    return found
