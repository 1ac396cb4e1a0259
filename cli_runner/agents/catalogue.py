"""The protocols that topicd speaks, by name."""

from collections.abc import Mapping
from types import MappingProxyType

from cli_runner.agents.claude import ClaudeAgent
from cli_runner.agents.demo import DemoAgent
from cli_runner.agents.text import TextAgent
from orchestrator.domain.agents import Agent
from orchestrator.domain.errors import TopicdError

PROTOCOLS: Mapping[str, Agent] = MappingProxyType({"claude": ClaudeAgent(), "demo": DemoAgent(), "text": TextAgent()})
COMING = ("acp", "codex")
"""Names that the configuration knows and this version cannot run yet."""


class UnknownProtocol(TopicdError):
    """No agent speaks this protocol; the text says which there are."""


def agent_for(protocol: str) -> Agent:
    """The agent of a protocol. Raises UnknownProtocol."""
    if agent := PROTOCOLS.get(protocol):
        return agent
    available = ", ".join(sorted(PROTOCOLS))
    if protocol in COMING:
        raise UnknownProtocol(
            f'protocol "{protocol}" is not available yet. Available: {available}; with "text" any '
            "program can be used that takes a prompt and prints an answer."
        )
    raise UnknownProtocol(f'there is no protocol "{protocol}". Available: {available}.')
