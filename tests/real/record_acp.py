"""What is recorded of agents that speak the Agent Client Protocol: Gemini CLI and OpenCode."""

import json
from datetime import UTC, datetime

import anyio
import anyio.to_thread

from tests.real.clis import GEMINI, GEMINI_MODEL, OPENCODE
from tests.real.model_server import Json
from tests.real.recording import Recording, Scene, Stage
from tests.real.talks import AcpTalk

SLOW = "@@ slow 20: one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
PLAN = "@@ plan: Read the code|Change it|Test it\n@@ say: That is the plan."
NOBODY = "00000000-0000-4000-8000-999999999999"


async def _hello(stage: Stage) -> AcpTalk:
    talk = AcpTalk(peer=stage.peer, work=stage.work)
    await talk.hello()
    return talk


async def text(stage: Stage) -> None:
    """A thought, streamed text, non-ASCII; a second turn in the same session."""
    talk = await _hello(stage)
    session = await talk.session()
    await talk.turn(session, "@@ think: Let me consider this\n@@ say: Hello from the model, Grüße 🎉")
    await talk.turn(session, "and a second turn")


async def _tools(talk: AcpTalk, session: str) -> None:
    await talk.turn(
        session, "@@ remark: I list the files first.\n@@ bash: echo one; echo two >&2; ls\n@@ say: That is all."
    )
    await talk.turn(session, "@@ bash: echo before; exit 3")
    await talk.turn(session, f"@@ write: {talk.work}/notes.md|# Notes")
    await talk.turn(session, "@@ bash: for i in 1 2 3; do echo line $i; sleep 0.5; done")


async def tools(stage: Stage) -> None:
    """Nobody is asked: a remark and a command; one that fails; a new file; a command that takes its time."""
    talk = await _hello(stage)
    await _tools(talk, await talk.session())


async def tools_yolo(stage: Stage) -> None:
    """Mode `yolo`: a remark and a command; one that fails; a new file; a command that takes its time."""
    talk = await _hello(stage)
    session = await talk.session()
    await talk.mode(session, "yolo")
    await _tools(talk, session)


async def permission(stage: Stage) -> None:
    """Commands and files are asked about: allowed once, rejected, allowed for ever and no longer asked about."""
    talk = await _hello(stage)
    session = await talk.session()
    for prompt, kind in (
        ("@@ bash: touch allowed && echo made", "allow_once"),
        ("@@ bash: touch rejected && echo made", "reject_once"),
        (f"@@ write: {stage.work}/allowed.md|# Allowed", "allow_once"),
        (f"@@ write: {stage.work}/rejected.md|# Rejected", "reject_once"),
        ("@@ bash: touch always && echo made", "allow_always"),
    ):
        turn = await talk.begin(session, prompt)
        await talk.choose(await talk.permission(), kind)
        await stage.peer.response(turn)
    await talk.turn(session, "@@ bash: touch again && echo made")


async def cancel(stage: Stage) -> None:
    """`session/cancel` during text, while the model hangs, while a permission waits, and in no turn; then a turn."""
    talk = await _hello(stage)
    session = await talk.session()
    turn = await talk.begin(session, SLOW)
    await talk.update("agent_message_chunk")
    await talk.cancel(session, turn)
    turn = await talk.begin(session, "@@ hang")
    await anyio.to_thread.run_sync(stage.model.wait_for, lambda asked: asked[-1].prompt == "@@ hang")
    await talk.cancel(session, turn)
    turn = await talk.begin(session, "@@ bash: touch never")
    request = await talk.permission()
    await stage.peer.tell("session/cancel", sessionId=session)
    await stage.peer.answer(request, {"outcome": {"outcome": "cancelled"}})
    await stage.peer.response(turn)
    await stage.peer.tell("session/cancel", sessionId=session)
    await talk.turn(session, "@@ say: still here")


async def _cancel_tool(talk: AcpTalk, session: str) -> None:
    turn = await talk.begin(session, "@@ bash: echo before; sleep 60")
    await talk.peer.until(lambda message: "in_progress" in json.dumps(message))
    await talk.cancel(session, turn)
    await talk.turn(session, "@@ say: still here")


async def cancel_tool(stage: Stage) -> None:
    """`session/cancel` during a tool; then a turn."""
    talk = await _hello(stage)
    await _cancel_tool(talk, await talk.session())


async def cancel_tool_yolo(stage: Stage) -> None:
    """Mode `yolo`, and `session/cancel` during a tool; then a turn."""
    talk = await _hello(stage)
    session = await talk.session()
    await talk.mode(session, "yolo")
    await _cancel_tool(talk, session)


async def plan(stage: Stage) -> None:
    """The model notes a plan."""
    talk = await _hello(stage)
    await talk.turn(await talk.session(), PLAN)


async def plan_yolo(stage: Stage) -> None:
    """Mode `yolo` (otherwise even this is asked about); the model notes a plan."""
    talk = await _hello(stage)
    session = await talk.session()
    await talk.mode(session, "yolo")
    await talk.turn(session, PLAN)


async def errors(stage: Stage) -> None:
    """The model refuses (400, 401); an unknown method, session and mode; a second prompt during a turn."""
    talk, peer = await _hello(stage), stage.peer
    await peer.call("no/such/method")
    await talk.load(NOBODY)
    await talk.turn(NOBODY, "x")
    session = await talk.session()
    await talk.mode(session, "no-such-mode")
    for status in (400, 401):
        await talk.turn(session, f"@@ error: {status}")
    first = await talk.begin(session, "@@ slow 2: one two three four")
    await talk.update("agent_message_chunk")
    second = await talk.begin(session, "@@ say: a prompt during a turn")
    await peer.response(first)
    await peer.response(second)


async def before_load(stage: Stage) -> None:
    """The session that is taken up by the next process."""
    talk = await _hello(stage)
    session = await talk.session()
    await talk.turn(session, "@@ think: Let me consider this\n@@ say: before")
    await talk.turn(session, f"@@ write: {stage.work}/made.md|# Made")
    stage.remembered["session"] = session


async def before_load_yolo(stage: Stage) -> None:
    """The same, unasked."""
    talk = await _hello(stage)
    session = await talk.session()
    await talk.mode(session, "yolo")
    await talk.turn(session, "@@ think: Let me consider this\n@@ say: before")
    await talk.turn(session, f"@@ write: {stage.work}/made.md|# Made")
    stage.remembered["session"] = session


async def load(stage: Stage) -> None:
    """`session/load` in a new process of a session with a text turn and a file; then a turn."""
    talk = await _hello(stage)
    session = stage.remembered["session"]
    await talk.load(session)
    await talk.turn(session, "@@ say: after")


async def load_patiently(stage: Stage) -> None:
    """`session/load` as before, but the prompt waits for the commands, which come after the history."""
    talk = await _hello(stage)
    session = stage.remembered["session"]
    await talk.load(session)
    await talk.update("available_commands_update")
    await talk.turn(session, "@@ say: after")


async def modes(stage: Stage) -> None:
    """Each mode that the agent offers is set."""
    talk = await _hello(stage)
    made: Json = await stage.peer.call("session/new", cwd=str(stage.work), mcpServers=[])
    session = made["sessionId"]
    offered = [mode["id"] for mode in made.get("modes", {}).get("availableModes", [])]
    for option in made.get("configOptions", []):
        if option["id"] == "mode":
            for value in option["options"]:
                await stage.peer.call(
                    "session/set_config_option", sessionId=session, configId="mode", value=value["value"]
                )
    for mode in offered:
        await talk.mode(session, mode)


async def _next_minute() -> None:
    """Gemini CLI 0.61 wipes a session that is loaded in the minute in which it was made."""
    made_in = datetime.now(UTC).minute
    while datetime.now(UTC).minute == made_in:  # noqa: ASYNC110 - nothing tells when
        await anyio.sleep(0.5)


def _gemini(name: str, *scenes: Scene) -> Recording:
    arguments = ("--acp", "--skip-trust", "-m", GEMINI_MODEL)
    return Recording(name=f"acp/gemini-{name}", cli=GEMINI, arguments=arguments, scenes=scenes, pause=_next_minute)


def _opencode(name: str, *scenes: Scene, **env: str) -> Recording:
    return Recording(name=f"acp/opencode-{name}", cli=OPENCODE, arguments=("acp",), scenes=scenes, env=env)


ASKS = json.dumps({"bash": "ask", "edit": "ask"})

RECORDINGS = (
    _gemini("text", text),
    _gemini("tools", tools_yolo),
    _gemini("permission", permission),
    _gemini("cancel", cancel),
    _gemini("cancel-tool", cancel_tool_yolo),
    _gemini("plan", plan_yolo),
    _gemini("modes", modes),
    _gemini("errors", errors),
    _gemini("load", before_load_yolo, load),
    _gemini("load-patiently", before_load_yolo, load_patiently),
    _opencode("text", text),
    _opencode("tools", tools),
    _opencode("permission", permission, OPENCODE_PERMISSION=ASKS),
    _opencode("cancel", cancel, OPENCODE_PERMISSION=ASKS),
    _opencode("cancel-tool", cancel_tool),
    _opencode("plan", plan),
    _opencode("modes", modes),
    _opencode("errors", errors),
    _opencode("load", before_load, load),
)
