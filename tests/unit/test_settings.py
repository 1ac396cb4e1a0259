"""The configuration: found, read, checked, and refused in words for people."""

import json
from pathlib import Path

import pytest

from bot.durations import parse_duration
from bot.settings import Settings
from bot.settings_file import SettingsError, find_config, is_configured, load_settings
from orchestrator.domain.agents import AgentSpec
from orchestrator.domain.states import Mode

TOKEN = "123456789:" + "AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"
MINIMAL = f'[telegram]\ntoken = "{TOKEN}"\n[access]\nusers = [111]\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(MINIMAL)
    return path


def with_toml(config: Path, toml: str) -> Settings:
    """What becomes of the minimal configuration with more of it."""
    config.write_text(MINIMAL + toml)
    return load_settings(config, {})


def test_defaults_are_those_of_the_contract(config: Path) -> None:
    """A token and a user are enough; all else has its documented default, times in seconds."""
    settings = load_settings(config, {})
    assert settings.telegram.token.get_secret_value() == TOKEN
    assert (settings.telegram.api_url, settings.telegram.mode) == ("https://api.telegram.org", "polling")
    assert settings.access.users == settings.access.admins == (111,)
    assert settings.access.chats == settings.access.sender_chats == ()
    assert settings.state.directory == Path.home() / ".local/state/topicd"
    assert (settings.defaults.agent, settings.defaults.directory) == ("claude", Path.home())
    assert (settings.turns.timeout, settings.turns.silence, settings.turns.warn_before) == (3600, 1200, (60, 10))
    assert (settings.turns.extend_by, settings.turns.max_extensions) == (600, 6)
    assert (settings.turns.queue_limit, settings.turns.answer_wait) == (50, 86400)
    assert (settings.stop.polite, settings.stop.grace) == (3, 5)
    assert (settings.runs.limit, settings.runs.warm, settings.runs.idle) == (8, 4, 600)
    assert (settings.runs.strays, settings.runs.strays_ttl) == ("keep", 43200)
    assert (settings.recovery.resume_attempts, settings.recovery.fresh, settings.recovery.concurrent) == (2, 3600, 2)
    assert (settings.delivery.live_interval, settings.delivery.group_per_minute) == (3, 20)
    assert (settings.retention.turns, settings.retention.files) == (90 * 86400, 30 * 86400)
    assert (settings.log.format, settings.log.level) == ("auto", "info")


def test_without_agents_there_is_claude(config: Path) -> None:
    """No agents table means Claude Code with its defaults."""
    assert load_settings(config, {}).agent_specs() == {
        "claude": AgentSpec(name="claude", protocol="claude", command=("claude",))
    }


def test_agents_become_specs_of_the_domain(config: Path) -> None:
    """Each agent becomes an `AgentSpec`; commands and protocols have defaults where they are clear."""
    specs = with_toml(
        config,
        """
        [defaults]
        agent = "codex"
        [agents.codex]
        [agents.demo]
        [agents.gemini]
        protocol = "acp"
        command = ["gemini", "--acp"]
        model = "pro"
        mode = "edits"
        env = { KEY = "value" }
        pass_env = ["GEMINI_*"]
        """,
    ).agent_specs()
    assert (specs["codex"].protocol, specs["codex"].command) == ("codex", ("codex",))
    assert (specs["demo"].protocol, specs["demo"].command) == ("demo", ())
    assert specs["gemini"] == AgentSpec(
        name="gemini",
        protocol="acp",
        command=("gemini", "--acp"),
        model="pro",
        mode=Mode.EDITS,
        env={"KEY": "value"},
        pass_env=("GEMINI_*",),
    )


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        (90, 90),
        (0.5, 0.5),
        ("90", 90),
        ("90s", 90),
        ("10m", 600),
        ("1.5h", 5400),
        ("1d", 86400),
        (" 2 h ", 7200),
        (0, 0),
    ],
)
def test_times_are_numbers_or_have_units(written: object, seconds: float) -> None:
    """A time is a number of seconds, or a number with s, m, h or d."""
    assert parse_duration(written) == seconds


@pytest.mark.parametrize(
    "written", [True, "", "h", "10 minutes", "-1s", -1, float("nan"), float("inf"), 1e300, "9" * 400, "٣s", None, [1]]
)
def test_what_is_no_time_is_refused(written: object) -> None:
    """Neither words, nor negative, endless or absurd times."""
    with pytest.raises(ValueError, match="is not a time"):
        parse_duration(written)


def test_the_environment_wins_over_the_file(config: Path) -> None:
    """A variable replaces one key and leaves its neighbours as the file has them."""
    config.write_text(MINIMAL + '[agents.claude]\nmodel = "a"\nmode = "plan"\n[turns]\ntimeout = 5\n')
    settings = load_settings(
        config,
        {
            "TOPICD_AGENTS__CLAUDE__MODEL": "b",
            "TOPICD_AGENTS__CLAUDE__COMMAND": '["/opt/claude"]',
            "TOPICD_AGENTS__CLAUDE__ENV__Some_KEY": "x",
            "TOPICD_TURNS__TIMEOUT": "2h",
            "TOPICD_TURNS__WARN_BEFORE": '["5s", 1]',
            "TOPICD_RUNS__LIMIT": "3",
            "TOPICD_ACCESS__USERS": "[111, 222]",
            "TOPICD_PROJECTS": '{"api": {"path": "/srv/api"}}',
            "TOPICD_PROJECTS__API__MODEL": "c",
        },
    )
    claude = settings.agent_specs()["claude"]
    assert (claude.model, claude.mode, claude.command) == ("b", Mode.PLAN, ("/opt/claude",))
    assert claude.env == {"Some_KEY": "x"}
    assert (settings.turns.timeout, settings.turns.warn_before, settings.runs.limit) == (7200, (5, 1), 3)
    assert settings.access.users == (111, 222)
    assert (settings.projects["api"].path, settings.projects["api"].model) == (Path("/srv/api"), "c")


def test_the_environment_alone_is_enough() -> None:
    """No file is needed; an agent made of one variable has its protocol from its name."""
    settings = load_settings(
        None,
        {
            "TOPICD_TELEGRAM__TOKEN": TOKEN,
            "TOPICD_ACCESS__USERS": "[1]",
            "TOPICD_AGENTS__CLAUDE__MODEL": "opus",
            "TOPICD_CONFIG": "/nowhere",
            "TOPICD_RUN_ID": "r1",
            "TOPICD_DEMO_HOME": "/nowhere",
            "PATH": "/bin",
        },
    )
    assert settings.agent_specs()["claude"].model == "opus"


def test_a_token_file_gives_the_token(tmp_path: Path) -> None:
    """The token may stand in a file of its own; one in the environment wins over either form."""
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    config = tmp_path / "config.toml"
    config.write_text(f'[telegram]\ntoken_file = "{tmp_path}/token"\n[access]\nusers = [1]\n')
    assert load_settings(config, {}).telegram.token.get_secret_value() == TOKEN
    other = load_settings(config, {"TOPICD_TELEGRAM__TOKEN": "7:other"})
    assert other.telegram.token.get_secret_value() == "7:other"
    config.write_text(MINIMAL.replace(TOKEN, "8:file"))
    other = load_settings(config, {"TOPICD_TELEGRAM__TOKEN_FILE": f"{tmp_path}/token"})
    assert other.telegram.token.get_secret_value() == TOKEN


def test_admins_can_be_nobody(config: Path) -> None:
    """An empty list of admins is meant; only a missing one means all users."""
    config.write_text(MINIMAL + "admins = []\n")
    assert load_settings(config, {}).access.admins == ()


def test_a_byte_order_mark_is_forgiven(config: Path) -> None:
    """A file from an editor that begins with a byte order mark is read like any other."""
    config.write_bytes(b"\xef\xbb\xbf" + MINIMAL.encode())
    assert load_settings(config, {}).access.users == (111,)


def test_no_secret_is_in_any_repr(config: Path) -> None:
    """Neither the token nor what is set for an agent stands in the settings' text or JSON."""
    settings = with_toml(config, '[agents.claude]\nenv = { API_KEY = "sk-very-secret" }\n')
    for text in (
        repr(settings),
        str(settings),
        settings.model_dump_json(),
        json.dumps(settings.model_dump(), default=str),
    ):
        assert TOKEN.partition(":")[2] not in text
        assert "sk-very-secret" not in text
    assert settings.secrets() == (TOKEN,)


def test_the_file_is_found_in_order(tmp_path: Path) -> None:
    """The argument, then $TOPICD_CONFIG, then the current directory, then the home directory."""
    cwd, home = tmp_path / "cwd", tmp_path / "home"
    at_home = home / ".config" / "topicd" / "config.toml"
    at_home.parent.mkdir(parents=True)
    cwd.mkdir()
    named = {"TOPICD_CONFIG": "named.toml"}
    assert find_config(None, {}, cwd, home) is None
    at_home.touch()
    assert find_config(None, {"TOPICD_CONFIG": ""}, cwd, home) == at_home
    (cwd / "config.toml").touch()
    assert find_config(None, {}, cwd, home) == cwd / "config.toml"
    with pytest.raises(SettingsError, match=r"^TOPICD_CONFIG: .*named\.toml does not exist"):
        find_config(None, named, cwd, home)
    (cwd / "named.toml").touch()
    assert find_config(None, named, cwd, home) == cwd / "named.toml"
    with pytest.raises(SettingsError, match=r"^--config: .*given\.toml does not exist"):
        find_config(Path("given.toml"), named, cwd, home)
    (cwd / "given.toml").touch()
    assert find_config(Path("given.toml"), named, cwd, home) == cwd / "given.toml"


def test_configured_means_any_file_or_variable(config: Path) -> None:
    """Variables that only have the prefix are not a configuration."""
    assert is_configured(config, {})
    assert is_configured(None, {"TOPICD_TELEGRAM__TOKEN": "x"})
    assert is_configured(None, {"TOPICD_TELEGRAM_TOKEN": "x"})
    assert not is_configured(None, {"TOPICD_CONFIG": "x", "TOPICD_RUN_ID": "x", "TOPICD_DEMO_HOME": "x", "PATH": "x"})
