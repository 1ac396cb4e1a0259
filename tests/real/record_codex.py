"""What is recorded of `codex app-server`."""

from itertools import count

from tests.real.clis import CODEX, CODEX_SCRIPT_MODEL
from tests.real.model_server import Json
from tests.real.recording import Recording, Scene, Stage
from tests.real.talks import CodexTalk

SLOW = "@@ slow 20: one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
COMMAND = "item/commandExecution/requestApproval"
CHANGE = "item/fileChange/requestApproval"
QUESTION = "item/tool/requestUserInput"
NOBODY = "00000000-0000-7000-8000-999999999999"


async def _hello(stage: Stage) -> CodexTalk:
    talk = CodexTalk(peer=stage.peer, work=stage.work)
    await talk.hello()
    return talk


def _runs(message: Json) -> bool:
    item: Json = message.get("params", {}).get("item", {})
    return bool(item.get("type") == "commandExecution")


async def text(stage: Stage) -> None:
    """A thought, streamed text, non-ASCII; a second turn in the same thread."""
    talk = await _hello(stage)
    thread = await talk.thread()
    await talk.turn(thread, "@@ think: Let me consider this\n@@ say: Hello from the model, Grüße 🎉\n")
    await talk.turn(thread, "and a second turn")


async def tools(stage: Stage) -> None:
    """A remark and a command; one that fails; files made and changed; one that runs on in the background."""
    talk = await _hello(stage)
    thread = await talk.thread()
    await talk.turn(
        thread, "@@ remark: I list the files first.\n@@ bash: echo one; echo two >&2; ls\n@@ say: That is all."
    )
    await talk.turn(thread, "@@ bash: echo before; exit 3")
    await talk.turn(thread, "@@ write: notes.md|# Notes")
    await talk.turn(thread, "@@ bash: for i in 1 2 3; do echo line $i; sleep 0.3; done")


async def script(stage: Stage) -> None:
    """The same with a model that calls its tools from a script (code mode)."""
    talk = await _hello(stage)
    started = await stage.peer.call(
        "thread/start",
        cwd=str(stage.work),
        model=CODEX_SCRIPT_MODEL,
        approvalPolicy="never",
        sandbox="danger-full-access",
    )
    thread = started["thread"]["id"]
    await talk.turn(thread, "@@ remark: I list the files first.\n@@ bash: echo one; ls\n@@ say: That is all.")
    await talk.turn(thread, "@@ write: notes.md|# Notes")


async def _asked(stage: Stage, method: str, decision: Json | str) -> Json:
    request = await stage.peer.until_method(method)
    await stage.peer.answer(request, {"decision": decision})
    return request


async def approvals(stage: Stage) -> None:
    """A command outside the sandbox: accepted, declined, accepted for the session, cancelled."""
    talk = await _hello(stage)
    thread = await talk.thread(approval="on-request", sandbox="workspace-write")
    for decision, name in (("accept", "a"), ("decline", "b"), ("acceptForSession", "c"), ("cancel", "d")):
        await talk.begin(thread, f"@@ escalate: touch {stage.home}/{name}")
        await _asked(stage, COMMAND, decision)
        await talk.end()


async def untrusted(stage: Stage) -> None:
    """`untrusted`, where every command is asked about: accepted; allowed from now on; then no longer asked about."""
    talk = await _hello(stage)
    thread = await talk.thread(approval="untrusted", sandbox="read-only")
    await talk.begin(thread, "@@ bash: ls")
    await _asked(stage, COMMAND, "accept")
    await talk.end()
    await talk.begin(thread, "@@ bash: touch made")
    request = await stage.peer.until_method(COMMAND)
    rule = request["params"]["proposedExecpolicyAmendment"]
    await stage.peer.answer(request, {"decision": {"acceptWithExecpolicyAmendment": {"execpolicy_amendment": rule}}})
    await talk.end()
    await talk.turn(thread, "@@ bash: touch made")


async def changes(stage: Stage) -> None:
    """A file change in a read-only sandbox: accepted, declined, accepted for the session, cancelled."""
    talk = await _hello(stage)
    thread = await talk.thread(approval="on-request", sandbox="read-only")
    for decision in ("accept", "decline", "acceptForSession"):
        await talk.begin(thread, f"@@ write: {decision}.txt|made by {decision}")
        await _asked(stage, CHANGE, decision)
        await talk.end()
    thread = await talk.thread(approval="on-request", sandbox="read-only")
    await talk.begin(thread, "@@ write: cancel.txt|never made")
    await _asked(stage, CHANGE, "cancel")
    await talk.end()


async def question(stage: Stage) -> None:
    """A question of the model, answered by an option."""
    talk = await _hello(stage)
    thread = await talk.thread()
    await talk.begin(thread, "@@ ask: Which colour?|Blue|Red")
    request = await stage.peer.until_method(QUESTION)
    asked = request["params"]["questions"][0]["id"]
    await stage.peer.answer(request, {"answers": {asked: {"answers": ["Blue"]}}})
    await talk.end()


async def plan(stage: Stage) -> None:
    """The model notes a plan and goes on."""
    talk = await _hello(stage)
    thread = await talk.thread()
    await talk.turn(thread, "@@ plan: Read the code|Change it|Test it\n@@ say: That is the plan.")


async def steer(stage: Stage) -> None:
    """`turn/steer` during a tool and during text; for another turn, for none, and for one that is interrupted."""
    talk, peer = await _hello(stage), stage.peer
    thread = await talk.thread()

    said = count(1)

    async def say(prompt: str, turn: str) -> None:
        await peer.call(
            "turn/steer",
            threadId=thread,
            input=[{"type": "text", "text": prompt}],
            expectedTurnId=turn,
            clientUserMessageId=f"steer-{next(said)}",
        )

    turn = await talk.begin(thread, "@@ bash: sleep 1; echo slept\n@@ say: not reached")
    await peer.until_method("item/started")
    await peer.until(_runs)
    await say("@@ say: steered during the tool", turn)
    await talk.end()
    turn = await talk.begin(thread, "@@ slow 2: one two three four")
    await peer.until_method("item/agentMessage/delta")
    await say("@@ say: steered during the text", turn)
    await talk.end()
    turn = await talk.begin(thread, "@@ slow 2: five six seven eight")
    await peer.until_method("item/agentMessage/delta")
    await say("for another turn", NOBODY)
    await talk.end()
    await say("for no turn", turn)
    turn = await talk.begin(thread, "@@ slow 2: nine ten eleven twelve")
    await peer.until_method("item/agentMessage/delta")
    await say("too late", turn)
    await talk.interrupt(thread, turn)
    await talk.turn(thread, "and another turn")


async def interrupt(stage: Stage) -> None:
    """`turn/interrupt` during text, during a tool, while an approval waits, while the model hangs, and for no turn."""
    talk, peer = await _hello(stage), stage.peer
    thread = await talk.thread()
    turn = await talk.begin(thread, SLOW)
    await peer.until_method("item/agentMessage/delta")
    await talk.interrupt(thread, turn)
    turn = await talk.begin(thread, "@@ bash: echo before; sleep 60")
    await peer.until(_runs)
    await talk.interrupt(thread, turn)
    turn = await talk.begin(thread, "@@ hang")
    await peer.until_method("item/started")
    await talk.interrupt(thread, turn)
    await peer.call("turn/interrupt", threadId=thread, turnId=turn)
    thread = await talk.thread(approval="on-request", sandbox="workspace-write")
    turn = await talk.begin(thread, f"@@ escalate: touch {stage.home}/x")
    await peer.until_method(COMMAND)
    await talk.interrupt(thread, turn)
    await talk.turn(thread, "@@ say: still here")


async def background(stage: Stage) -> None:
    """A command that outlives its turn and ends later; another, interrupted after it went to the background."""
    talk, peer = await _hello(stage), stage.peer
    thread = await talk.thread()
    await talk.turn(thread, "@@ bashbg: sleep 1; echo late\n@@ say: The command still runs.")
    await peer.until(lambda message: message.get("method") == "item/completed" and _runs(message))
    turn = await talk.begin(thread, "@@ bashbg: sleep 4711\n@@ hang")
    await peer.until_method("item/started")
    await peer.until(_runs)
    await peer.until_method("thread/tokenUsage/updated")
    await talk.interrupt(thread, turn)
    await talk.turn(thread, "@@ bash: pgrep -fx 'sleep 4711' >/dev/null && echo it still runs")
    await peer.call("thread/backgroundTerminals/clean", threadId=thread)


async def errors(stage: Stage) -> None:
    """The model refuses (400, 401, 500); an unknown method, thread and turn; a prompt during a turn."""
    talk, peer = await _hello(stage), stage.peer
    await peer.call("no/such/method")
    await peer.call("thread/resume", threadId=NOBODY)
    await peer.call("turn/start", threadId=NOBODY, input=[{"type": "text", "text": "x"}])
    thread = await talk.thread()
    for status in (400, 401, 500):
        await talk.turn(thread, f"@@ error: {status}")
    await talk.begin(thread, "@@ slow 1: one two three four")
    await talk.begin(thread, "@@ say: a prompt during a turn")
    await talk.end()


async def no_key(stage: Stage) -> None:
    """Without the provider's key in the environment."""
    talk = await _hello(stage)
    thread = await talk.thread()
    await talk.turn(thread, "hi")


async def before_resume(stage: Stage) -> None:
    """The thread that is taken up by the next process."""
    talk = await _hello(stage)
    thread = await talk.thread()
    await talk.turn(thread, "@@ say: before")
    await talk.turn(thread, "@@ bash: echo in the first process")
    stage.remembered["thread"] = thread


async def _resume(stage: Stage, **more: object) -> None:
    talk = await _hello(stage)
    thread = stage.remembered["thread"]
    work = str(stage.work)
    await stage.peer.call(
        "thread/resume", threadId=thread, cwd=work, approvalPolicy="never", sandbox="danger-full-access", **more
    )
    await talk.turn(thread, "@@ say: after")


async def resume(stage: Stage) -> None:
    """`thread/resume` without its turns of a thread with a text turn and a command, in a new process; then a turn."""
    await _resume(stage, excludeTurns=True)


async def resume_history(stage: Stage) -> None:
    """The same with the turns, which is deprecated."""
    await _resume(stage)


async def compact(stage: Stage) -> None:
    """`thread/compact/start` after one turn."""
    talk = await _hello(stage)
    thread = await talk.thread()
    await talk.turn(thread, "@@ say: something to compact")
    await stage.peer.call("thread/compact/start", threadId=thread)
    await talk.end()


def _recording(name: str, *scenes: Scene, options: tuple[str, ...] = (), **env: str) -> Recording:
    return Recording(
        name=f"codex/{name}", cli=CODEX, arguments=(*options, "app-server"), scenes=scenes, version="", env=env
    )


RECORDINGS = (
    _recording("text", text),
    _recording("tools", tools),
    _recording("script", script),
    _recording("approvals", approvals),
    _recording("untrusted", untrusted),
    _recording("changes", changes),
    _recording("question", question, options=("--enable", "default_mode_request_user_input")),
    _recording("plan", plan, options=("-c", "tools.update_plan.enabled=true")),
    _recording("steer", steer),
    _recording("interrupt", interrupt),
    _recording("background", background),
    _recording("errors", errors),
    _recording("no-key", no_key, SCRIPTED_KEY=""),
    _recording("resume", before_resume, resume),
    _recording("resume-history", before_resume, resume_history),
    _recording("compact", compact),
)
