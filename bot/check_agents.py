"""Checks of the configured agents: found, executable, which version, logged in."""

from collections.abc import Mapping, Sequence

from bot.finding import Finding, fail, ok, warn
from bot.settings import Settings
from bot.words.speech import worded
from orchestrator.app.agent_trial import AgentTrial, install_hint, try_agent
from orchestrator.domain.agents import AgentSpec
from orchestrator.domain.errors import Refusal
from orchestrator.domain.states import Mode


async def agent_findings(settings: Settings, environ: Mapping[str, str]) -> Sequence[Finding]:
    """One line for each agent, two if it has more than one fault."""
    findings: list[Finding] = []
    for spec in settings.agent_specs().values():
        subject = f"agent {spec.name}"
        try:
            trial = await try_agent(
                spec,
                environ=environ,
                secrets=settings.secrets(),
                directory=str(settings.defaults.directory),
            )
        except Refusal as error:
            findings.append(fail(subject, f"{worded(error.words)} {_advice(spec)}"))
        else:
            findings += _trial_findings(subject, trial, has_mode_all=_has_mode_all(settings, spec))
    return findings


def _advice(spec: AgentSpec) -> str:
    if install := install_hint(spec):
        return f"Install it ({install}), or correct or remove [agents.{spec.name}]."
    return f"Install what is missing, or correct or remove [agents.{spec.name}]."


def _has_mode_all(settings: Settings, spec: AgentSpec) -> bool:
    """Whether some topic begins with this agent in mode `all`."""
    if spec.mode is Mode.ALL:
        return True
    return any(
        project.mode is Mode.ALL and (project.agent or settings.defaults.agent) == spec.name
        for project in settings.projects.values()
    )


def _trial_findings(subject: str, trial: AgentTrial, *, has_mode_all: bool) -> list[Finding]:
    faults = [*trial.faults]
    if trial.refuses_all and has_mode_all:
        faults.append(trial.refuses_all)
    if faults:
        return [warn(subject, fault) for fault in faults]
    words = [trial.program, trial.version, "logged in" if trial.logged_in else ""]
    return [ok(subject, ", ".join(word for word in words if word))]
