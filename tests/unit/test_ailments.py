"""What agents say when they fail, and what a person is told to do about it."""

import pytest

from cli_runner.agents.ailments import Ailment, ailment, recognised
from cli_runner.agents.endings import explain
from cli_runner.agents.known_clis import KNOWN, Cli, cli_of, odd_version, version_in
from orchestrator.domain.agents import AgentSpec, Exit
from tests.real.install import PACKAGES

CLAUDE_529 = (
    "API Error: Repeated 529 Overloaded errors. The API is at capacity — this is usually temporary. Try again in a "
    "moment. If it persists, check your inference gateway (127.0.0.1:8787)."
)
CODEX_401 = "unexpected status 401 Unauthorized: scripted 401, url: http://127.0.0.1:8787/v1/responses"
CODEX_NOISE = (
    "WARNING: proceeding, even though we could not create PATH aliases: Refusing to create helper binaries under "
    'temporary dir "/tmp" (codex_home: AbsolutePathBuf("/home/dev/homes/codex/cx"))\n'
)
GEMINI_500 = (
    "Attempt 3 failed with status 500. Retrying with backoff... _ApiError: "
    '{"error":{"code":500,"message":"scripted 500","status":"INTERNAL"}}\n    at throwErrorIfNotOK (file:///x.js:26:24)'
)
GEMINI_NO_KEY = (
    "When using Gemini API, you must specify the GEMINI_API_KEY environment variable.\n"
    "Update your environment and try again (no reload needed if using .env)!"
)
GEMINI_NO_METHOD = (
    "Please set an Auth method in your /home/dev/.gemini/settings.json or specify one of the following environment "
    "variables before running: GEMINI_API_KEY, GOOGLE_GENAI_USE_VERTEXAI, GOOGLE_GENAI_USE_GCA"
)
GEMINI_UNTRUSTED = (
    "\x1b[31mGemini CLI is not running in a trusted directory. To proceed, either use `--skip-trust`, set the "
    "`GEMINI_CLI_TRUST_WORKSPACE=true` environment variable, or trust this directory in interactive mode.\x1b[0m"
)
ROOT = "--dangerously-skip-permissions cannot be used with root/sudo privileges for security reasons"

SAID = [
    (Cli.CLAUDE, "Not logged in · Please run /login", Ailment.LOGGED_OUT, "/login"),
    (Cli.CLAUDE, CLAUDE_529, Ailment.OVERLOADED, "try again in a moment"),
    (Cli.CLAUDE, ROOT, Ailment.ROOT, 'IS_SANDBOX = "1"'),
    (Cli.CLAUDE, "authentication_failed", Ailment.REFUSED, "ANTHROPIC_*"),
    (Cli.CLAUDE, "Invalid API key · Fix external API key", Ailment.REFUSED, "ANTHROPIC_*"),
    (Cli.CLAUDE, "You've hit your limit · resets 3am (Europe/Berlin)", Ailment.QUOTA, "resets 3am (Europe/Berlin)"),
    (Cli.CLAUDE, "You've hit your monthly spend limit.", Ailment.QUOTA, "add credit"),
    (Cli.CLAUDE, "Claude AI usage limit reached|1735689600", Ailment.QUOTA, "begins anew"),
    (Cli.CLAUDE, "Credit balance is too low", Ailment.QUOTA, "add credit"),
    (
        Cli.CLAUDE,
        "API Error: Server is temporarily limiting requests (not your usage limit)",
        Ailment.RATE,
        "in a moment",
    ),
    (Cli.CLAUDE, 'API Error: 429 {"type":"error","error":{"type":"rate_limit_error"}}', Ailment.RATE, "429"),
    (Cli.CLAUDE, "error: unknown option '--permission-prompt-tool'", Ailment.VERSION, "2.1.329"),
    (Cli.CLAUDE, "API Error: Connection error.", Ailment.UNREACHABLE, "proxy"),
    (Cli.CODEX, CODEX_401, Ailment.REFUSED, "`codex login`"),
    (Cli.CODEX, "Missing environment variable: `FAKE_KEY`.", Ailment.MISSING_KEY, 'pass_env = ["FAKE_KEY"]'),
    (Cli.CODEX, "You've hit your usage limit. Try again at 5:00 PM.", Ailment.QUOTA, "at 5:00 PM"),
    (Cli.CODEX, "Quota exceeded. Check your plan and billing details.", Ailment.QUOTA, "add credit"),
    (Cli.CODEX, "Selected model is at capacity. Please try a different model.", Ailment.OVERLOADED, "different model"),
    (Cli.CODEX, CODEX_NOISE + "Error: stdin is not a terminal", Ailment.VERSION, "npm install -g @openai/codex@"),
    (Cli.CODEX, "error: unexpected argument '--nope' found", Ailment.VERSION, "too old, or too new"),
    (Cli.CODEX, "error sending request for url (https://example.org/)", Ailment.UNREACHABLE, "network"),
    (Cli.CODEX, "Missing optional dependency @openai/codex-linux-x64", Ailment.NOT_INSTALLED, "npm install"),
    (Cli.GEMINI, GEMINI_NO_KEY, Ailment.LOGGED_OUT, "GEMINI_API_KEY"),
    (Cli.GEMINI, GEMINI_NO_METHOD, Ailment.LOGGED_OUT, "Run `gemini` once"),
    (Cli.GEMINI, "Gemini API key is missing or not configured.", Ailment.LOGGED_OUT, "Run `gemini` once"),
    (Cli.GEMINI, GEMINI_500, Ailment.OVERLOADED, "status 500"),
    (Cli.GEMINI, GEMINI_UNTRUSTED, Ailment.UNTRUSTED, "--skip-trust"),
    (Cli.GEMINI, "API key not valid. Please pass a valid API key.", Ailment.REFUSED, "GEMINI_API_KEY"),
    (Cli.GEMINI, "You have exhausted your daily quota on this model.", Ailment.QUOTA, "add credit"),
    (Cli.GEMINI, "You exceeded your current quota, please check your plan", Ailment.QUOTA, "add credit"),
    (Cli.GEMINI, '{"error":{"code":429,"status":"RESOURCE_EXHAUSTED"}}', Ailment.RATE, "RESOURCE_EXHAUSTED"),
    (Cli.GEMINI, "Unknown argument: acp", Ailment.VERSION, "0.61.0"),
    (Cli.GEMINI, "/usr/bin/env: ‘node’: No such file or directory", Ailment.NODE, "Node.js"),
    (
        Cli.OPENCODE,
        "Anthropic API key is missing. Pass it using the 'apiKey' parameter",
        Ailment.LOGGED_OUT,
        "opencode",
    ),
    (Cli.OPENCODE, '{"name":"APIError","data":{"statusCode":401}}', Ailment.REFUSED, "opencode auth login"),
    (Cli.OTHER, "HTTP/1.1 403 Forbidden", Ailment.FORBIDDEN, "403"),
]


@pytest.mark.parametrize(("cli", "said", "found", "remedy"), SAID)
def test_what_is_said_is_recognised_and_has_a_remedy(cli: Cli, said: str, found: Ailment, remedy: str) -> None:
    """In one line, which names what to do, or what more the agent said."""
    assert recognised(said, cli=cli) is found
    line = ailment(said, cli=cli)
    assert line is not None
    assert remedy in line
    assert "\n" not in line
    assert "\x1b" not in line
    assert len(line) <= 500


@pytest.mark.parametrize(
    "said",
    [
        "",
        CODEX_NOISE,
        "Error: thread/resume failed: no rollout found for thread id 3581f3e5 (code -32600)",
        "No conversation found with session ID: 6af7038b-2a19-4ed6-b88f-dbf0e9b838ff",
        "Error: Session ID a3f430df-f951-4cab-b0d8-63e92997a847 is already in use.",
        'Error resuming session: Invalid session identifier "6c446b9d-74a2-4b99-8a68-8f14b77180c5".',
        'File "x.py", line 401, in <module>\nValueError: 429',
        "read 503 files, 500 lines",
        "scripted 400",
    ],
)
def test_what_is_something_else_is_not_recognised(said: str) -> None:
    """An error has its own words then; and a number is not a status."""
    for cli in Cli:
        assert ailment(said, cli=cli) is None


def test_an_exit_code_that_means_one_thing_is_recognised() -> None:
    """Without a word; of another program it means something else."""
    assert recognised("", cli=Cli.GEMINI, code=41) is Ailment.LOGGED_OUT
    assert recognised("", cli=Cli.GEMINI, code=55) is Ailment.UNTRUSTED
    assert recognised("", cli=Cli.CLAUDE, code=41) is None
    assert recognised("sh: 1: llm: not found", code=127) is Ailment.NOT_INSTALLED


def test_the_agent_s_own_name_stands_in_the_remedy() -> None:
    """Where it is known."""
    line = ailment("Not logged in", cli=Cli.CODEX, name="work")
    assert line is not None
    assert "[agents.work]" in line
    assert (ailment("rate limit", title="llm") or "").startswith("The model's API limits how fast llm may call it")


def test_a_program_that_ended_is_explained_by_what_ails_it() -> None:
    """With its last words, once; one that was killed said them before that, and of something else."""
    line = explain("Gemini CLI", Exit(code=41, signal=None, stderr_tail=GEMINI_NO_KEY))
    assert line.startswith("Gemini CLI is not logged in.")
    assert "It says: When using Gemini API" in line
    line = explain("llm", Exit(code=1, signal=None, stderr_tail="Error: Too Many Requests"))
    assert line.count("Too Many Requests") == 1
    assert explain("llm", Exit(code=None, signal=9, stderr_tail="429 Too Many Requests")).startswith("llm was killed")
    assert explain("llm", Exit(code=1, signal=None, stderr_tail="boom")) == (
        "llm ended with exit code 1 before it answered. Its last words: boom"
    )


def test_a_cli_is_known_by_its_protocol_or_its_program() -> None:
    """A program that is merely spoken to as text is none of them."""
    found = [
        cli_of(AgentSpec(name="x", protocol=protocol, command=command))
        for protocol, command in [
            ("claude", ("/opt/my-claude",)),
            ("codex", ("x",)),
            ("acp", ("/usr/bin/gemini", "--acp")),
            ("acp", ("opencode", "acp")),
            ("acp", ("qwen", "--acp")),
            ("text", ("claude", "-p")),
            ("demo", ()),
        ]
    ]
    assert found == [Cli.CLAUDE, Cli.CODEX, Cli.GEMINI, Cli.OPENCODE, Cli.OTHER, Cli.OTHER, Cli.OTHER]


@pytest.mark.parametrize(
    ("cli", "said", "odd"),
    [
        (Cli.CLAUDE, "2.1.329 (Claude Code)", ""),
        (Cli.CLAUDE, "2.1.197 (Claude Code)", ""),
        (Cli.CLAUDE, "2.1.400 (Claude Code)", ""),
        (Cli.CLAUDE, "2.1.9 (Claude Code)", "older"),
        (Cli.CLAUDE, "2.2.0 (Claude Code)", "newer"),
        (Cli.CODEX, "codex-cli 0.42.0", "older"),
        (Cli.CODEX, "codex-cli 0.169.0", ""),
        (Cli.CODEX, "codex-cli 1.0.0-alpha.1", "newer"),
        (Cli.GEMINI, "0.61.0", ""),
        (Cli.OPENCODE, "1.19.0", "newer"),
        (Cli.OPENCODE, "local", ""),
        (Cli.OTHER, "0.0.1", ""),
    ],
)
def test_a_version_that_was_not_tested_is_odd(cli: Cli, said: str, odd: str) -> None:
    """It is told which one is known to work, and how that is installed."""
    line = odd_version(cli, version_in(said))
    assert bool(line) == bool(odd)
    assert odd in line
    assert not line or KNOWN[cli].install in line


def test_known_to_work_is_what_the_tests_with_real_clis_use() -> None:
    """One list of versions."""
    assert {known.package: known.tested for known in KNOWN.values() if known.package} == PACKAGES
