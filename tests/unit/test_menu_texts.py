"""What the menus of sessions, tasks, the queue and usage say. Pure: state in, page out."""

from dataclasses import replace

from bot.menus import queue_pages, sessions_pages, tasks_pages, usage_pages
from bot.menus.page import Choice, Page, paged
from bot.menus.queue_pages import QueueSeen
from bot.menus.sessions_pages import SessionSeen
from bot.menus.tasks_pages import Others, TaskSeen
from orchestrator.domain.ids import SessionId, TopicKey, TurnId
from orchestrator.domain.records import Session, Turn
from orchestrator.domain.states import Mode, TurnKind, TurnState
from orchestrator.domain.usage import Used, UsedThere, grouped, total
from tests.builders import a_turn

HERE = TopicKey(-1001, 5)
SESSION = Session(
    id=SessionId(12),
    topic=HERE,
    kind=TurnKind.FOREGROUND,
    name="api tests",
    agent="claude",
    directory="/srv/api",
    model="",
    mode=Mode.ASK,
    cli_session_id="abc",
    begun=True,
    created_at=0,
    used_at=0,
)


def labels(page: Page) -> list[str]:
    """The labels of a page's choices."""
    return [each.label for row in page.rows for each in row if isinstance(each, Choice)]


def seen(**fields: object) -> SessionSeen:
    """A session as it is seen."""
    return replace(SessionSeen(session=SESSION, state="idle", age_s=180.0), **fields)  # type: ignore[arg-type]


def test_a_list_of_sessions() -> None:
    """Name, agent, state, age, directory, last prompt; a Stop button for each that works."""
    working = seen(state="running", is_current=True, last=a_turn(prompt="fix\nthe bug"))
    page = sessions_pages.listed([working, seen()], paged([1, 2], 1, 6)[1], whole_chat=False)
    assert page.text.text == (
        "Sessions here\n\n● 12 · api tests · claude · works · 3 min 00 s ago\n/srv/api\nfix the bug"
        "\n\n○ 12 · api tests · claude · idle · 3 min 00 s ago\n/srv/api"
    )
    assert labels(page) == ["● 12 · api tests", "○ 12 · api tests", "⏹ Stop 12", "Of the whole chat"]


def test_a_session_offers_what_can_be_done_with_it() -> None:
    """The current one is not switched to, nor is one of another topic; only what works is stopped."""
    everything = {"▶ Go on with it", "✎ Name", "⏹ Stop", "🗑 Delete", "‹ Back"}
    back = ("h", "1")
    assert set(labels(sessions_pages.item(seen(state="left"), back))) == everything
    assert set(labels(sessions_pages.item(seen(is_current=True), back))) == everything - {"▶ Go on with it", "⏹ Stop"}
    elsewhere = sessions_pages.item(seen(place="website"), back)
    assert "in website" in elsewhere.text.text
    assert "▶ Go on with it" not in labels(elsewhere)


def test_deleting_says_what_goes_with_it() -> None:
    """What works, and what waits."""
    page = sessions_pages.asks_delete(seen(state="running", waiting=2))
    assert page.text.text == (
        "Delete 12 · api tests? Its conversation can't be continued from here then.\n"
        "It works now: that is stopped first, with all its processes.\n2 prompts that wait for it are dropped."
    )
    assert labels(page) == ["Delete", "‹ Keep"]


def test_names_are_never_markup() -> None:
    """Whatever people call a session."""
    named = seen(session=replace(SESSION, name="**x** `y` {z}"))
    assert "12 · **x** `y` {z}?" in sessions_pages.asks_delete(named).text.text


def a_task(**fields: object) -> TaskSeen:
    """A task as it is seen."""
    turn: Turn = replace(a_turn(prompt="run the tests"), kind=TurnKind.TASK, state=TurnState.RUNNING)
    return TaskSeen(turn=replace(turn, **fields), elapsed_s=61.0)  # type: ignore[arg-type]


def test_a_list_of_tasks_is_not_longer_than_a_message() -> None:
    """However long their prompts are, and whatever else runs."""
    tasks = [a_task(id=TurnId(nth), prompt="x" * 9000) for nth in range(6)]
    others = Others(own=tuple("y" * 500 for _ in range(40)))
    page = tasks_pages.listed(tasks, paged(tasks, 1, 6)[1], others)
    assert page.text.units <= 4096
    assert labels(page).count("⏹ Stop 3") == 1


def test_a_task_that_is_over_shows_its_answer() -> None:
    """Rendered, and only its beginning; it can be gone on with and is not stopped."""
    done = replace(a_task(state=TurnState.DONE, answer="**All** good. " + "z" * 5000), can_switch=True)
    page = tasks_pages.item(done, 2)
    assert "It answered:\nAll good." in page.text.text
    assert page.text.units < 2500
    assert labels(page) == ["▶ Go on with it here", "🗑 Delete", "‹ Back"]
    assert labels(tasks_pages.item(a_task(), 1)) == ["⏹ Stop", "🗑 Delete", "‹ Back"]


def test_a_queue_in_its_order_and_what_rests() -> None:
    """The first can't move up; what rests can be run or dropped together."""
    one, two, held = (replace(a_turn(prompt=f"say {nth}"), id=TurnId(nth), sender_name="Bob") for nth in (1, 2, 3))
    state = QueueSeen(queue=[one, two], held=[held], current=a_turn(prompt="work"))
    page = queue_pages.listed(state, state.all, paged(state.all, 1, 6)[1])
    assert page.text.text == (
        "Waiting here\nWorks now: work\n\n1 · by Bob\nsay 1\n\n2 · by Bob\nsay 2"
        "\n\nResting since the last stop\n\n3 · by Bob\nsay 3"
    )
    assert labels(page)[-2:] == ["▶ Run it", "✖ Drop it"]
    assert "⬆ Move up" not in labels(queue_pages.item(state, one, 1))
    assert labels(queue_pages.item(state, two, 1)) == [
        "▶ Run now (stops the current)",
        "⬆ Move up",
        "✖ Cancel",
        "‹ Back",
    ]
    idle = replace(state, current=None)
    assert labels(queue_pages.item(idle, held, 1)) == ["▶ Run now", "✖ Cancel", "‹ Back"]


def used(day: int, agent: str = "claude", thread: int = 5, **fields: object) -> UsedThere:
    """What one turn or more used."""
    values = {"turns": 1, "counted": 1, "priced": 1, "input_tokens": 12_345, "output_tokens": 678, "cost_usd": 0.12}
    return UsedThere(
        day=day,
        topic=TopicKey(-1001, thread),
        agent=agent,
        model="",
        used=Used(**(values | fields)),  # type: ignore[arg-type]
    )


def test_usage_in_a_table_that_a_phone_shows() -> None:
    """Today, a week, a month; by agent. What nobody told is not zero."""
    rows = [used(100), used(95, turns=2), used(80, "codex", counted=0, priced=0, cost_usd=0.0)]
    page = usage_pages.here(rows, 100)
    assert page.text.text.splitlines() == [
        "Used here",
        "         turns     in    out   money",
        "Today        1  12.3k    678   $0.12",
        "7 days       3  24.7k   1.4k  $0.24+",
        "30 days      4  37.0k   2.0k  $0.24+",
        "By agent, 30 days",
        "claude",
        "3 turns · 24.7k in, 1.4k out · $0.24+",
        "codex",
        "1 turn · – in, – out · not told",
        "Of 4 turns 2 did not tell their money; + and – stand for that.",
    ]
    assert max(len(line) for line in page.text.text.splitlines()[1:5]) <= 36


def test_usage_of_nothing() -> None:
    """An empty table is readable too."""
    assert "0   $0.00" in usage_pages.here([], 100).text.text
    assert "Nothing in the last 14 days." in usage_pages.by_day([], 100).text.text


def test_usage_by_day_and_by_topic() -> None:
    """The last day first; the dearest topic first."""
    rows = [used(100), used(98), used(98, thread=6, cost_usd=9.0)]
    days = usage_pages.by_day([row for row in rows if row.topic == HERE], 100).text.text.splitlines()
    assert [line.split()[0] for line in days[2:]] == ["Today", "04-09"]
    chat = usage_pages.of_chat(rows, 100, {HERE: "api", TopicKey(-1001, 6): "website"}).text.text
    assert chat.index("website") < chat.index("api")
    assert total(rows).turns == sum(each.turns for each in grouped(rows, lambda row: row.day).values()) == 3
