"""The protocols that topicd speaks, by name."""

from collections.abc import Mapping
from types import MappingProxyType

from cli_runner.agents.acp import AcpAgent
from cli_runner.agents.claude import ClaudeAgent
from cli_runner.agents.codex import CodexAgent
from cli_runner.agents.demo import DemoAgent
from cli_runner.agents.text import TextAgent
from orchestrator.domain.agents import Agent, AgentSpec
from orchestrator.domain.errors import TopicdError

PROTOCOLS: Mapping[str, Agent] = MappingProxyType(
    {
        "acp": AcpAgent(),
        "claude": ClaudeAgent(),
        "codex": CodexAgent(),
        "demo": DemoAgent(),
        "text": TextAgent(),
    }
)


class UnknownProtocol(TopicdError):
    """No agent speaks this protocol; the text says which there are."""


def agent_for(protocol: str) -> Agent:
    """The agent of a protocol. Raises UnknownProtocol."""
    if agent := PROTOCOLS.get(protocol):
        return agent
    available = ", ".join(sorted(PROTOCOLS))
    raise UnknownProtocol(f'there is no protocol "{protocol}". Available: {available}.')


def agent_of(spec: AgentSpec) -> Agent:
    """The agent of a configured one: of `text`, it depends on the program whether it keeps sessions. Raises
    UnknownProtocol."""
    if spec.protocol == "text" and spec.session_args:
        return TextAgent(keeps_sessions=True)
    if spec.protocol == "acp":
        return AcpAgent(serves_files=spec.serve_files)
    return agent_for(spec.protocol)
