"""A wrong configuration is refused in words for people, and gives no secret away."""

import os
from pathlib import Path

import pytest

from bot.settings_file import SettingsError, load_settings
from tests.unit.test_settings import MINIMAL, TOKEN


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(MINIMAL)
    return path


def refusal(path: Path | None, **environ: str) -> list[str]:
    """The lines that refuse a configuration, none of which gives the token away."""
    with pytest.raises(SettingsError) as caught:
        load_settings(path, environ)
    errors = list(caught.value.errors)
    for line in errors:
        assert len(line.splitlines()) == 1
        assert "nput should" not in line
        assert TOKEN.partition(":")[2] not in line
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return errors


def refusal_of(config: Path, toml: str) -> list[str]:
    """The same for the minimal configuration with more of it, without the file's name."""
    config.write_text(MINIMAL + toml)
    errors = refusal(config)
    assert all(line.startswith(f"{config}: ") for line in errors)
    return [line.removeprefix(f"{config}: ") for line in errors]


def test_a_bad_token_file_is_one_line(tmp_path: Path) -> None:
    """A token file that is missing, empty or holds something else is named, never quoted."""
    file = tmp_path / "token"
    environ = {"TOPICD_TELEGRAM__TOKEN_FILE": str(file), "TOPICD_ACCESS__USERS": "[1]"}
    where = "TOPICD_TELEGRAM__TOKEN_FILE: telegram.token_file: "
    assert refusal(None, **environ) == [
        f"{where}{file} cannot be read (No such file or directory); allowed: a file with the token"
    ]
    for content in (b"", b"\xff\xfe", b"hunter2 hunter2\n", b"1:a\n2:b\n"):
        file.write_bytes(content)
        (line,) = refusal(None, **environ)
        assert line.startswith(f"{where}what is in {file} is not a bot token; allowed: ")
        assert "hunter2" not in line


@pytest.mark.parametrize(
    ("toml", "line"),
    [
        ("[turns]\ntimeot = 5", "turns.timeot: is not a known key; did you mean turns.timeout?"),
        ("[turn]\ntimeout = 5", "turn: is not a known section; did you mean turns?"),
        ("[runs]\ngrace = 5", "runs.grace: is not a known key; it belongs elsewhere: stop.grace"),
        ("[shutdown]\nzzz = 5", "shutdown.zzz: is not a known key; allowed: agents"),
        (
            "[agents.claude]\ncomand = 'x'",
            "agents.claude.comand: is not a known key; did you mean agents.claude.command?",
        ),
        (
            "[turns]\ntimeout = 'soon'",
            'turns.timeout: "soon" is not a time of at most ten years; allowed: a number of seconds,'
            ' or a string such as "90s", "10m", "2h" or "1d"',
        ),
        (
            "[turns]\nwarn_before = ['60s', 'x']",
            'turns.warn_before[1]: "x" is not a time of at most ten years; allowed: a number of seconds,'
            ' or a string such as "90s", "10m", "2h" or "1d"',
        ),
        (
            "[stop]\ngrace = 0",
            'stop.grace: must be longer than 0; allowed: a number of seconds, or a string such as "90s", "10m", "2h" or'
            ' "1d"',
        ),
        (
            "[turns]\nwarn_before = '60s'",
            'turns.warn_before: is a string; allowed: a list of times, such as ["60s", "10s"]',
        ),
        ("[runs]\nlimit = '8'", "runs.limit: is a string; allowed: a whole number"),
        ("[runs]\nlimit = true", "runs.limit: is true or false; allowed: a whole number"),
        ("[runs]\nlimit = 1.5", "runs.limit: is a number; allowed: a whole number"),
        ("[runs]\nlimit = 0", "runs.limit: 0 is too little; allowed: at least 1"),
        ("[delivery]\ngroup_per_minute = 21", "delivery.group_per_minute: 21 is too much; allowed: at most 20"),
        (
            "[turns]\nwhen_busy = 'wait'",
            'turns.when_busy: "wait" is not one of its values; allowed: "queue", "steer", "interrupt"',
        ),
        (
            "[agents.claude]\nmode = 'yolo'",
            'agents.claude.mode: "yolo" is not one of its values; allowed: "ask", "edits", "plan", "all"',
        ),
        (
            "[agents.x]\nmodel = ''",
            'agents.x.protocol: is missing; allowed: "claude", "codex", "acp", "text", "demo"',
        ),
        (
            "[agents.claude]\n[agents.x]\nprotocol = 'text'",
            'agents.x.command: is missing; protocol "text" needs it; allowed: a list such as ["program", "argument"]',
        ),
        (
            "[agents.claude]\n[agents.demo]\ncommand = ['x']",
            'agents.demo.command: is not for protocol "demo", which brings its own program; allowed: no command',
        ),
        (
            "[agents.claude]\ncommand = 'claude'",
            'agents.claude.command: is a string; allowed: a list of strings, such as ["claude"]',
        ),
        ("[agents.claude]\ncommand = ['']", "agents.claude.command[0]: is empty; allowed: at least one character"),
        ("[agents.claude]\nenv = 'A=1'", "agents.claude.env: is not a table; allowed: a table of names"),
        ("[agents.claude]\nenv = { A = 1 }", "agents.claude.env.A: is a number; allowed: a string in quotes"),
        (
            "[agents.'My Agent']\nprotocol = 'claude'",
            "agents.'My Agent': is not a possible name; allowed: at most 32 of a-z, 0-9, _ and -, the first of them a"
            " letter or a digit",
        ),
        ("[agents]", "agents: is empty; allowed: at least one agent, or no agents table (then it is claude)"),
        (
            "[projects]\napi = 5",
            "projects.api: is not a table; allowed: a table with the keys path, agent, model, mode",
        ),
        ("[projects.api]\nmodel = 'x'", "projects.api.path: is missing; allowed: a string in quotes"),
        ("[projects.api]\npath = 'src'", "projects.api.path: is not an absolute path; allowed: a path from / or ~/"),
        (
            "[projects.api]\npath = '~no-such-user/x'",
            "projects.api.path: begins with the ~ of an unknown user; allowed: a path from / or ~/",
        ),
        (
            "[projects.api]\npath = '/x'\nagent = 'codx'",
            'projects.api.agent: "codx" is not among the agents; allowed: claude',
        ),
        ("[defaults]\nagent = 'codex'", 'defaults.agent: "codex" is not among the agents; allowed: claude'),
        (
            "[delivery]\nlanguage = 'tlh'",
            'delivery.language: "tlh" is no language that the bot speaks; allowed: de, en',
        ),
        (
            "[defaults]\nproject = 'api'",
            'defaults.project: "api" is not among the projects; allowed: only an empty string, as no project'
            " is configured",
        ),
        ("[state]\ndirectory = 5", "state.directory: is a number; allowed: a string in quotes"),
        (
            "[log]\nlevel = 2024-01-01",
            'log.level: "2024-01-01" is not one of its values; allowed: "debug", "info", "warning", "error"',
        ),
    ],
)
def test_each_error_names_key_problem_and_remedy(config: Path, toml: str, line: str) -> None:
    """One line: the file, the key, what is wrong, what is allowed."""
    assert refusal_of(config, toml) == [line]


@pytest.mark.parametrize(
    ("telegram", "key"),
    [
        ("token = 5", "telegram.token: is a number; "),
        ('token = "123456789"', "telegram.token: is not a bot token; "),
        ('token = "x:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"', "telegram.token: is not a bot token; "),
        ("", "telegram.token: is missing; "),
        ('token = "1:a"\ntoken_file = "/x"', "telegram.token_file: is given beside telegram.token; "),
        ('token = "1:a"\napi_url = "ftp://x"', "telegram.api_url: is not a URL; "),
        ('token = "1:a"\napi_url = "http://x:99999"', "telegram.api_url: is not a URL; "),
        ('token = "1:a"\nmode = "webhook"', 'telegram.webhook: is missing; telegram.mode = "webhook" needs '),
        ('token = "1:a"\n[telegram.webhook]\nsecret = "s"', "telegram.webhook.url: is missing; "),
        (
            'token = "1:a"\n[telegram.webhook]\nurl = "https://x"\nsecret = "AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr !"',
            "telegram.webhook.secret: is not a webhook secret; ",
        ),
        (
            'token = "1:a"\n[telegram.webhook]\nurl = "https://x"\nsecret = "s"\nlisten = "8080"',
            "telegram.webhook.listen: is not an address to listen on; ",
        ),
    ],
)
def test_telegram_is_checked(config: Path, telegram: str, key: str) -> None:
    """The token's shape, one form of it, addresses, and a webhook with all that it needs."""
    config.write_text(f"[access]\nusers = [1]\n[telegram]\n{telegram}\n")
    (line,) = refusal(config)
    assert line.startswith(f"{config}: {key}")
    assert "AAbb" not in line


@pytest.mark.parametrize(
    ("access", "key"),
    [
        ("", "access.users: is empty, so nobody could use the bot; "),
        ("users = []", "access.users: is empty, so nobody could use the bot; "),
        ("users = [1087968824]", "access.users[0]: 1087968824 is the account that Telegram shows for every anonymous"),
        ("users = [1, 136817688]", "access.users[1]: 136817688 is the account that Telegram shows for everyone who"),
        ("users = [1]\nadmins = [777000]", "access.admins[0]: 777000 is Telegram's own account, "),
        ("users = [-100123]", "access.users[0]: -100123 is not a person's id; "),
        ("users = ['@me']", "access.users[0]: is a string; allowed: a whole number"),
        ("users = [1]\nadmins = [2]", "access.admins[0]: 2 is not in access.users; "),
        ("users = [1]\nsender_chats = [5]", "access.sender_chats[0]: 5 is not the id of a group or channel; "),
    ],
)
def test_access_is_checked(config: Path, access: str, key: str) -> None:
    """Somebody must be allowed, admins are users, and the accounts that stand for others never are."""
    config.write_text(f'[telegram]\ntoken = "{TOKEN}"\n[access]\n{access}\n')
    (line,) = refusal(config)
    assert line.startswith(f"{config}: {key}")


def test_all_errors_come_at_once(config: Path) -> None:
    """A person sees all that is wrong, not one thing a start."""
    errors = refusal_of(config, "[turns]\ntimeout = 'x'\n[runs]\nlimt = 1\nwarm = -1")
    assert [line.partition(":")[0] for line in errors] == ["turns.timeout", "runs.warm", "runs.limt"]


@pytest.mark.parametrize(
    ("variable", "value", "line"),
    [
        ("TOPICD_TURNS__TIMEOUT", "soon", 'TOPICD_TURNS__TIMEOUT: turns.timeout: "soon" is not a time'),
        (
            "TOPICD_TURNS__TIMEOT",
            "5",
            "TOPICD_TURNS__TIMEOT: turns.timeot: is not a known key; did you mean turns.timeout?",
        ),
        ("TOPICD_TURN__TIMEOUT", "5", "TOPICD_TURN__TIMEOUT: turn: is not a known section; did you mean turns?"),
        (
            "TOPICD_RUNS__LIMIT",
            "many",
            "TOPICD_RUNS__LIMIT: is not JSON; allowed here: a list or a whole number, as JSON",
        ),
        ("TOPICD_RUNS__LIMIT", "[1]", "TOPICD_RUNS__LIMIT: runs.limit: is a list; allowed: a whole number"),
        ("TOPICD_ACCESS__USERS", "1,2", "TOPICD_ACCESS__USERS: is not JSON; allowed here: a list or a whole number"),
        ("TOPICD_ACCESS__USERS", "[", "TOPICD_ACCESS__USERS: is not JSON; "),
        ("TOPICD_ACCESS__USERS", "[" * 100_000, "TOPICD_ACCESS__USERS: is not JSON; "),
        ("TOPICD_PROJECTS", "x", "TOPICD_PROJECTS: is not JSON; allowed here: a table, as JSON"),
        ("TOPICD_TURNS", "5", "TOPICD_TURNS: turns: is not a table; allowed: a table with the keys timeout, silence,"),
        (
            "TOPICD_TELEGRAM_TOKEN",
            TOKEN,
            "TOPICD_TELEGRAM_TOKEN: is not a setting; allowed: TOPICD_<SECTION>__<KEY>;"
            " did you mean TOPICD_TELEGRAM__TOKEN?",
        ),
        ("TOPICD_TELEGRAM__TOKEN__X", "1", "TOPICD_TELEGRAM__TOKEN__X: telegram.token: is a table; "),
        (
            "TOPICD_TELEGRAM__TOKEN",
            "wrong-" + TOKEN[10:],
            "TOPICD_TELEGRAM__TOKEN: telegram.token: is not a bot token; ",
        ),
        ("TOPICD_TELEGRAM__MODE", TOKEN, 'TOPICD_TELEGRAM__MODE: telegram.mode: "[redacted]" is not one of its values'),
    ],
)
def test_errors_from_the_environment_name_the_variable(config: Path, variable: str, value: str, line: str) -> None:
    """What a variable did wrong is told by its name, not by the file's."""
    errors = refusal(config, **{variable: value})
    assert [error for error in errors if error.startswith(line)] == errors


def test_a_table_and_a_value_do_not_mix(config: Path) -> None:
    """Two variables that want the same key as table and as value are told apart."""
    (line,) = refusal(config, TOPICD_TURNS="5", TOPICD_TURNS__TIMEOUT="1")
    assert line == (
        "TOPICD_TURNS__TIMEOUT: sets a key of turns, which another variable sets to something else than a table"
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"[telegram]\ntoken = \n", "is not TOML: Invalid value (at line 2, column 9); "),
        (b"a = 1\na = 2\n", "is not TOML: Cannot overwrite a value (at line 2, column 6); "),
        (b"a = [" * 10 + b"[" * 100_000, "is n"),
        (b"# caf\xe9\n", "line 1: is not UTF-8; "),
        (b"\n\n# \xff\n", "line 3: is not UTF-8; "),
    ],
)
def test_a_broken_file_is_one_line(config: Path, content: bytes, problem: str) -> None:
    """Broken TOML is told with line and column, wrong encoding with the line."""
    config.write_bytes(content)
    (line,) = refusal(config)
    assert line.startswith(f"{config}: {problem}")


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    """Missing, a directory, a name that no file can have: each is told as it is."""
    missing = tmp_path / "missing.toml"
    assert refusal(missing) == [
        f"{missing}: cannot be read (No such file or directory); allowed: a TOML file that this user may read"
    ]
    assert refusal(tmp_path) == [f"{tmp_path}: is a directory; allowed: a TOML file"]
    if os.geteuid() != 0:
        missing.touch(mode=0)
        assert refusal(missing)[0].startswith(f"{missing}: cannot be read (Permission denied); ")
