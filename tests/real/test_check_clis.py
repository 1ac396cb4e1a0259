"""What `python -m bot check` finds out of the real agent CLIs, of which nobody is logged in to any."""

import os
from pathlib import Path

import pytest

from orchestrator.app.agent_trial import AgentTrial, try_agent
from orchestrator.domain.agents import AgentSpec
from tests.real import install
from tests.real.clis import CODEX, GEMINI, OPENCODE, Cli

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]

CLIS = {"codex": CODEX, "gemini": GEMINI, "opencode": OPENCODE}


def spec_of(name: str, cli: Cli, environ: dict[str, str]) -> AgentSpec:
    """How such an agent is configured."""
    if name == "codex":
        return AgentSpec(name=name, protocol="codex", command=cli.program, env=environ)
    return AgentSpec(name=name, protocol="acp", command=(*cli.program, "--acp"), env=environ)


async def tried(spec: AgentSpec, home: Path, **environ: str) -> AgentTrial:
    """What is found with this home and these variables."""
    base = {"PATH": os.environ["PATH"], "HOME": str(home), **environ}
    return await try_agent(spec, environ=base, secrets=(), directory=str(home))


@pytest.mark.parametrize("name", CLIS)
async def test_a_cli_tells_its_version_and_that_nobody_is_logged_in(name: str, tmp_path: Path) -> None:
    """With a home that it has never seen; OpenCode cannot tell, as it has free models."""
    cli = CLIS[name]
    if why := cli.absent():
        pytest.skip(why)
    trial = await tried(spec_of(name, cli, {}), tmp_path)
    assert install.PACKAGES[cli.package] in trial.version
    assert trial.logged_in is (None if name == "opencode" else False)
    assert len(trial.faults) == (0 if name == "opencode" else 1)


@pytest.mark.parametrize(("name", "key"), [("gemini", "GEMINI_API_KEY"), ("opencode", "ANTHROPIC_API_KEY")])
async def test_a_key_is_a_login(name: str, key: str, tmp_path: Path) -> None:
    """In the environment that the agent would have."""
    cli = CLIS[name]
    if why := cli.absent():
        pytest.skip(why)
    trial = await tried(spec_of(name, cli, {key: "x"}), tmp_path)
    assert (trial.logged_in, trial.faults) == (True, ())


async def test_a_provider_of_codex_s_own_configuration_needs_no_login(tmp_path: Path) -> None:
    """Only its key."""
    if why := CODEX.absent():
        pytest.skip(why)
    environ = CODEX.environment(tmp_path, "http://127.0.0.1:9")
    assert (await tried(spec_of("codex", CODEX, environ), tmp_path)).faults == ()
    del environ["SCRIPTED_KEY"]
    (fault,) = (await tried(spec_of("codex", CODEX, environ), tmp_path)).faults
    assert 'pass_env = ["SCRIPTED_KEY"]' in fault
