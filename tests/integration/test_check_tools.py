"""What `python -m bot check` says of git and of what writes down voices."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from tests.integration.check_setup import NOBODY_LISTENS, Setup, line


@asynccontextmanager
async def a_service(status: int, heard: list[str]) -> AsyncIterator[str]:
    """One that answers everything with a status; its address."""

    async def answer(request: web.Request) -> web.Response:
        heard.append(f"{request.path} {request.headers.get('Authorization', '')}")
        return web.Response(status=status)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}/v1"
    finally:
        await runner.cleanup()


async def test_without_git_two_commands_do_not_work(tmp_path: Path) -> None:
    """Nothing else needs it, so it is a warning."""
    setup = Setup(tmp_path)
    setup.environ = {"PATH": str(tmp_path)}
    outcome = await setup.check("--offline")
    assert outcome.code == 0
    assert line(outcome, "git") == "warn  git: is not found. Install it, or do without /worktree and /diff."


async def test_the_program_that_writes_down_voices_is_looked_for(tmp_path: Path) -> None:
    """Where agents would find it."""
    setup = Setup(tmp_path)
    program = setup.program("scribe", "#!/bin/sh\n")
    setup.more = f'[voice]\ncommand = ["{program}", "{{file}}"]'
    assert line(await setup.check("--offline"), "voice") == f"ok    voice: {program}"
    setup.more = '[voice]\ncommand = ["no-such-scribe"]'
    said = line(await setup.check("--offline"), "voice")
    assert said == "warn  voice: the program no-such-scribe is not found. Install it, or correct [voice] command."


async def test_the_service_that_writes_down_voices_is_asked(tmp_path: Path) -> None:
    """With its key, which is shown nowhere; offline it is left alone."""
    heard = list[str]()
    for status, wanted in ((200, "ok    voice: {} answers"), (404, "ok    voice: {} answers")):
        async with a_service(status, heard) as url:
            setup = Setup(tmp_path / str(status))
            setup.more = f'[voice]\nurl = "{url}"\napi_key = "sk-very-secret-key"'
            assert line(await setup.check(), "voice") == wanted.format(url)
            before = len(heard)
            assert not [each for each in (await setup.check("--offline")).lines if "voice" in each]
            assert len(heard) == before
    assert heard[0] == "/v1/models Bearer sk-very-secret-key"
    async with a_service(401, heard) as url:
        setup = Setup(tmp_path / "401")
        setup.more = f'[voice]\nurl = "{url}"\napi_key = "sk-very-secret-key"'
        outcome = await setup.check()
        said = f"warn  voice: {url} refuses the key (HTTP 401). Correct [voice] api_key."
        assert line(outcome, "voice") == said
        assert "secret" not in outcome.stdout
    setup.more = f'[voice]\nurl = "{NOBODY_LISTENS}"'
    assert "cannot be reached" in line(await setup.check(), "voice")
