"""How a turn gets its run: which codec, which order, or which warm run."""

from orchestrator.app.gifts import gift_id
from orchestrator.app.kit import Kit
from orchestrator.domain.agents import Codec, Conversation
from orchestrator.domain.errors import Refusal
from orchestrator.domain.ids import RunId
from orchestrator.domain.records import Session, Turn
from orchestrator.domain.run_events import Gift, RunOrder

_BOUND_SLACK_S = 600.0
"""How much longer than the bot's own deadline a supervisor waits before it ends a run by itself."""


def open_codec(kit: Kit, session: Session, prompt: str) -> Codec:
    """The codec of a new run of a session. Raises Refusal for an agent that isn't configured."""
    spec = kit.catalogue.agents.get(session.agent)
    if spec is None:
        known = ", ".join(sorted(kit.catalogue.agents))
        raise Refusal("refusal-agent-gone", agent=session.agent, known=known)
    conversation = Conversation(
        directory=session.directory,
        model=session.model,
        mode=session.mode,
        cli_session_id=session.cli_session_id,
        resume=session.begun,
        fork=session.fork,
        rules=tuple(rule.rule for rule in session.rules),
    )
    return kit.agent(spec).open(spec, conversation, prompt)


GREETING = "greeting"
"""The name of what a program has to answer before it can be given a prompt."""


def make_order(kit: Kit, run_id: RunId, session: Session, turn: Turn, codec: Codec, prompt: bytes | None) -> RunOrder:
    """The order of a new run that begins with a turn; its prompt follows later if it can't be given yet (None)."""
    spec = kit.catalogue.agents[session.agent]
    policy = kit.policy
    first = Gift(gift_id=GREETING, data=codec.hello)
    if prompt is not None:
        first = Gift(gift_id=gift_id(turn.id), data=codec.hello + prompt)
    return RunOrder(
        run_id=run_id,
        argv=codec.argv,
        cwd=session.directory,
        env={**codec.env, **kit.environment(spec)},
        gifts=(first,),
        close_stdin=codec.closes_stdin,
        interrupt=codec.interrupt() or b"",
        polite_s=policy.polite_s,
        grace_s=policy.grace_s,
        keep_strays=policy.keep_strays,
        strays_ttl_s=policy.strays_ttl_s,
        bound_s=policy.timeout_s + _BOUND_SLACK_S,
    )


def bound_s(kit: Kit) -> float:
    """How long a warm run that gets another turn may live if the bot never comes back."""
    return kit.policy.timeout_s + _BOUND_SLACK_S
