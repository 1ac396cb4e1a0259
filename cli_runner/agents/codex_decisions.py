"""The answers that a request of Codex for permission takes, and what each of them means.

Measured with 0.169: `acceptForSession` holds for the process, and is taken for a command where it was not
offered. `acceptWithExecpolicyAmendment` is written to `rules/default.rules` in CODEX_HOME: it holds for
whatever begins with these words, in every process, for good, and nobody can revoke it from here.
"""

import json
from dataclasses import dataclass

from cli_runner.agents.codex_items import changed_files
from cli_runner.agents.json_lines import Fields, inner, objects, text, texts
from orchestrator.domain.agent_events import ApprovalAnswer, ApprovalOption

Option = tuple[ApprovalOption, Fields]
"""An answer and the result that says it."""

ONCE, FOR_SESSION, DENY = "accept", "acceptForSession", "decline"
_AMENDMENT, _NETWORK = "acceptWithExecpolicyAmendment", "applyNetworkPolicyAmendment"
_SHOWN_CHARS = 60
"""An amendment that no button can show in full is not offered."""
_NO_MEANING = frozenset(
    {
        "approvalId",
        "availableDecisions",
        "commandActions",
        "itemId",
        "proposedExecpolicyAmendment",
        "proposedNetworkPolicyAmendments",
        "reason",
        "startedAtMs",
        "threadId",
        "turnId",
    }
)
"""Members of a command's request that say which request it is, or what to think of it, but not what it does."""


def decision(name: object) -> Fields:
    """The result that says a decision."""
    return {"decision": name}


def _rule(kind: str, meaning: object) -> str:
    """Equal for what is equal, whatever the order of members."""
    return json.dumps([kind, meaning], sort_keys=True, separators=(",", ":"))


def once(result: Fields) -> Option:
    """«Yes», for this."""
    return ApprovalOption(option_id=ONCE, answer=ApprovalAnswer.ALLOW_ONCE, label="Allow once"), result


def for_session(what: str, rule: str, result: Fields) -> Option:
    """«Yes», for this and what is the same, as long as the session lasts."""
    label = f"Allow {what} for this session".replace("  ", " ")
    answer = ApprovalAnswer.ALLOW_ALWAYS
    return ApprovalOption(option_id=FOR_SESSION, answer=answer, label=label, rule=rule), result


def deny(result: Fields) -> Option:
    """«No», with which the turn goes on."""
    return ApprovalOption(option_id=DENY, answer=ApprovalAnswer.REJECT_ONCE, label="Deny"), result


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """A decision that Codex keeps for good."""

    answer: ApprovalAnswer
    label: str


def _kept(offered: Fields) -> _Kept | None:
    if words := texts(inner(offered, _AMENDMENT), "execpolicy_amendment"):
        shown = " ".join(words)
        fits = len(shown) <= _SHOWN_CHARS and shown.isprintable() and "`" not in shown
        label = f"Always allow `{shown} …` (kept by Codex)"
        return _Kept(answer=ApprovalAnswer.ALLOW_ALWAYS, label=label) if fits else None
    rule = inner(inner(offered, _NETWORK), "network_policy_amendment")
    host, action = text(rule, "host"), text(rule, "action")
    if not host or len(host) > _SHOWN_CHARS:
        return None
    match action:
        case "allow":
            return _Kept(answer=ApprovalAnswer.ALLOW_ALWAYS, label=f"Always allow {host} (kept by Codex)")
        case "deny":
            return _Kept(answer=ApprovalAnswer.REJECT_ALWAYS, label=f"Never allow {host} (kept by Codex)")
        case _:
            return None


def of_command(params: Fields) -> tuple[Option, ...]:
    """For a command, or for what it connects to. What is typed into a running one is allowed as it is offered."""
    network = inner(params, "networkApprovalContext")
    is_command = text(params, "kind") in ("", "command") and not network
    named = texts(params, "availableDecisions")
    options = [once(decision(ONCE))]
    if FOR_SESSION in named or is_command or "availableDecisions" not in params:
        rule = _rule("command", {name: params[name] for name in params if name not in _NO_MEANING})
        known = bool(is_command and text(params, "command")) or bool(network)
        options.append(for_session(text(network, "host"), rule if known else "", decision(FOR_SESSION)))
    for number, offered in enumerate(objects(params, "availableDecisions")):
        if kept := _kept(offered):
            option = ApprovalOption(option_id=f"rule-{number}", answer=kept.answer, label=kept.label)
            options.append((option, decision(offered)))
    return (*options, deny(decision(DENY)))


def of_change(params: Fields, item: Fields) -> tuple[Option, ...]:
    """For a change of files. «For this session» means the files, whatever becomes of their content."""
    root, files = text(params, "grantRoot"), changed_files(item)
    known = bool(root or files)
    what = "this directory" if root else "these files" if len(files) > 1 else "this file"
    rule = _rule("change", {"files": files, "root": root}) if known else ""
    return once(decision(ONCE)), for_session(what, rule, decision(FOR_SESSION)), deny(decision(DENY))


def of_permissions(params: Fields) -> tuple[Option, ...]:
    """For more permissions than the sandbox has: granted as they were asked for, or none of them."""
    wanted = inner(params, "permissions")
    where = {name: text(params, name) for name in ("cwd", "environmentId")}
    rule = _rule("permissions", {"permissions": wanted, **where})
    return (
        once({"permissions": wanted, "scope": "turn"}),
        for_session("", rule, {"permissions": wanted, "scope": "session"}),
        deny({"permissions": {}}),
    )
