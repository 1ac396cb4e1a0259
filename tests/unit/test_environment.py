"""What agents get of the bot's environment."""

from cli_runner.environment import agent_environment
from orchestrator.domain.agents import AgentSpec

TOKEN = "123456:AAbbCCddEEff"  # shaped like a bot's token
BOT = {
    "PATH": "/bin",
    "HOME": "/home/dev",
    "LC_ALL": "C.UTF-8",
    "XDG_STATE_HOME": "/s",
    "https_proxy": "http://proxy",
    "TMPDIR": "/tmp",
    "AWS_SECRET_ACCESS_KEY": "aws",
    "ANTHROPIC_API_KEY": "key",
    "TOPICD_TELEGRAM__TOKEN": TOKEN,
    "TOPICD_LOG__FORMAT": "json",
    "CLAUDECODE": "1",
    "MY_BOT": f"https://api.telegram.org/bot{TOKEN}/",
}


def spec(*pass_env: str, **env: str) -> AgentSpec:
    """An agent with these settings."""
    return AgentSpec(name="a", protocol="text", command=("x",), pass_env=pass_env, env=env)


def test_only_the_base_list_is_passed_on() -> None:
    """Without settings an agent gets what any program needs, and nothing of the bot."""
    assert agent_environment(BOT, spec(), [TOKEN]) == {
        name: BOT[name] for name in ("PATH", "HOME", "LC_ALL", "XDG_STATE_HOME", "https_proxy")
    }


def test_globs_and_own_variables_are_added_and_own_ones_win() -> None:
    """`pass_env` takes globs; `env` stands above what is passed on."""
    got = agent_environment(BOT, spec("ANTHROPIC_*", PATH="/opt/bin", IS_SANDBOX="1"), [TOKEN])
    assert got["ANTHROPIC_API_KEY"] == "key"
    assert got["PATH"] == "/opt/bin"
    assert got["IS_SANDBOX"] == "1"
    assert "AWS_SECRET_ACCESS_KEY" not in got


def test_no_glob_lets_the_bots_own_settings_or_secrets_through() -> None:
    """`*` passes everything on but the bot's settings, nesting marks, and values with a secret in them."""
    got = agent_environment(BOT, spec("*", TOPICD_X="1", COPY=TOKEN), [TOKEN])
    assert set(BOT) - set(got) == {"TOPICD_TELEGRAM__TOKEN", "TOPICD_LOG__FORMAT", "CLAUDECODE", "MY_BOT"}
    assert not any(TOKEN in value for value in got.values())
    assert "TOPICD_X" not in got
    assert "COPY" not in got


def test_what_is_between_the_bot_and_its_service_manager_stays_there() -> None:
    """An agent that could say READY or feed the watchdog would speak for the bot."""
    service = {
        "NOTIFY_SOCKET": "/run/systemd/notify",
        "WATCHDOG_USEC": "1",
        "WATCHDOG_PID": "1",
        "LISTEN_FDS": "1",
        "CREDENTIALS_DIRECTORY": "/run/credentials/topicd.service",
    }
    assert not set(agent_environment({**BOT, **service}, spec("*"), [TOKEN])) & set(service)


def test_an_empty_secret_hides_nothing() -> None:
    """A secret that is not set must not empty the environment."""
    assert "PATH" in agent_environment(BOT, spec(), ["", "/"])
