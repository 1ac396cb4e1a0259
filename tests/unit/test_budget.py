"""The budget: whoever asks it before each call never exceeds Telegram's limits."""

import heapq
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.budget import Budget
from orchestrator.domain.states import Priority

GROUP, OTHER, PERSON = -100, -200, 300
PER_MINUTE = 20


@dataclass(frozen=True)
class Wish:
    """A call that somebody wants to make, and how the network will treat it. Times in seconds."""

    chat_id: int
    priority: Priority
    pause: float  # after the one before it in its chat
    takes: float
    seen_at: float  # 0..1: when within the call Telegram counts it


@dataclass
class Seen:
    """What Telegram counted, in order of time."""

    calls: list[tuple[float, int]] = field(default_factory=list)

    def most_within(self, window_s: float, chat_id: int | None = None) -> int:
        """The most calls in any half-open window."""
        times = sorted(at for at, chat in self.calls if chat_id in (None, chat))
        return max(
            (sum(1 for other in times if at <= other < at + window_s) for at in times),
            default=0,
        )


def played(wishes: list[Wish], budget: Budget) -> Seen:
    """One worker a chat, each asking the budget before every call; the clock is simulated."""
    queues: dict[int, list[Wish]] = {}
    for wish in wishes:
        queues.setdefault(wish.chat_id, []).append(wish)
    seen = Seen()
    # (time, tie-breaker, chat, whether a call ends there)
    agenda = [(queue[0].pause, chat_id, chat_id, False) for chat_id, queue in queues.items()]
    heapq.heapify(agenda)
    for _ in range(100_000):
        if not agenda:
            return seen
        now, tie, chat_id, ends = heapq.heappop(agenda)
        queue = queues[chat_id]
        if ends:
            budget.spend(chat_id, now)
            budget.end()
            queue.pop(0)
            if queue:
                heapq.heappush(agenda, (now + queue[0].pause, tie, chat_id, False))
            continue
        delay = budget.wait(chat_id, queue[0].priority, now)
        if delay > 0:
            heapq.heappush(agenda, (now + max(delay, 1e-6), tie, chat_id, False))
            continue
        budget.begin()
        seen.calls.append((now + queue[0].takes * queue[0].seen_at, chat_id))
        heapq.heappush(agenda, (now + queue[0].takes, tie, chat_id, True))
    raise AssertionError("the budget lets somebody wait for ever")


WISHES = st.builds(
    Wish,
    chat_id=st.sampled_from([GROUP, OTHER, PERSON]),
    priority=st.sampled_from(Priority),
    pause=st.sampled_from([0.0, 0.0, 0.0, 0.3, 1.0, 7.0, 59.5]),
    takes=st.floats(0.0, 3.0),
    seen_at=st.floats(0.0, 1.0),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(WISHES, max_size=90))
def test_no_window_is_ever_exceeded(wishes: list[Wish]) -> None:
    """Whatever is asked when, and however long the network takes: 1 a second, 20 a minute, 30 a second overall."""
    seen = played(wishes, Budget(group_per_minute=PER_MINUTE))
    assert len(seen.calls) == len(wishes)
    for chat_id in (GROUP, OTHER, PERSON):
        assert seen.most_within(1.0, chat_id) <= 1
    for chat_id in (GROUP, OTHER):
        assert seen.most_within(60.0, chat_id) <= PER_MINUTE
    assert seen.most_within(1.0) <= 30


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0.0, 2.0), st.floats(0.0, 1.0)), min_size=31, max_size=120))
def test_many_chats_at_once_share_thirty_a_second(calls: list[tuple[float, float]]) -> None:
    """Calls that are under way count, so a hundred chats that begin together stay within the overall limit."""
    wishes = [Wish(-chat, Priority.ANSWER, 0.0, takes, seen_at) for chat, (takes, seen_at) in enumerate(calls, 1)]
    seen = played(wishes, Budget(group_per_minute=PER_MINUTE))
    assert len(seen.calls) == len(wishes)
    assert seen.most_within(1.0) <= 30


def test_a_full_minute_is_used() -> None:
    """Urgent messages may use all that Telegram gives: twenty in the first minute, one a second at first."""
    seen = played([Wish(GROUP, Priority.URGENT, 0.0, 0.0, 0.0)] * 21, Budget(group_per_minute=PER_MINUTE))
    times = [at for at, _ in seen.calls]
    assert times[19] < 20
    assert 60 <= times[20] < 60.1


@pytest.mark.parametrize(
    ("priority", "share"), [(Priority.LIVE, 11), (Priority.NOTICE, 14), (Priority.ANSWER, 18), (Priority.URGENT, 20)]
)
def test_each_priority_leaves_a_reserve_for_those_before_it(priority: Priority, share: int) -> None:
    """Live edits never use up the minute: notices, answers and stops have room of their own."""
    budget = Budget(group_per_minute=PER_MINUTE)
    for number in range(share):
        budget.spend(GROUP, number * 1.1)
    now = share * 1.1 + 1
    assert budget.wait(GROUP, priority, now) > 30
    for before in Priority:
        if before is priority:
            break
        assert budget.wait(GROUP, before, now) == 0


def test_silence_that_telegram_asks_for_concerns_one_chat() -> None:
    """`retry_after` freezes its chat for every priority, and no other; a shorter one does not shorten it."""
    budget = Budget(group_per_minute=PER_MINUTE)
    budget.freeze(GROUP, 130.0)
    budget.freeze(GROUP, 110.0)
    for priority in Priority:
        assert budget.wait(GROUP, priority, 100.0) == 30.0
        assert budget.wait(OTHER, priority, 100.0) == 0
        assert budget.wait(PERSON, priority, 100.0) == 0
    assert budget.wait(GROUP, Priority.URGENT, 130.0) == 0


def test_private_chats_have_no_group_limit() -> None:
    """A person's own chat only has the spacing of a second (and sixty a minute)."""
    budget = Budget(group_per_minute=PER_MINUTE)
    for number in range(30):
        budget.spend(PERSON, number * 1.1)
    assert budget.wait(PERSON, Priority.ANSWER, 35.0) == 0


def test_a_smaller_budget_is_kept_too() -> None:
    """`group_per_minute = 1` still lets every priority through, one a minute."""
    seen = played([Wish(GROUP, Priority.LIVE, 0.0, 0.1, 1.0)] * 3, Budget(group_per_minute=1))
    assert seen.most_within(60.0, GROUP) == 1


def test_what_an_earlier_life_sent_counts() -> None:
    """A restart is no new minute: what was sent counts, and of live edits, which nobody recorded, as many as may be."""
    budget = Budget(group_per_minute=PER_MINUTE)
    budget.remember(GROUP, [40.0 + nth for nth in range(14)], live_for_s=None, live_steps=0, now=100.0)
    budget.remember(OTHER, [99.0], live_for_s=60.0, live_steps=0, now=100.0)
    assert budget.wait(GROUP, Priority.URGENT, 100.0) == 0
    assert budget.wait(GROUP, Priority.NOTICE, 100.0) == pytest.approx(
        0.02
    )  # 14 of 20: until the first is a minute old
    assert budget.wait(GROUP, Priority.LIVE, 100.0) > 2
    assert budget.wait(OTHER, Priority.URGENT, 100.0) == pytest.approx(1.02)
    assert budget.wait(OTHER, Priority.LIVE, 102.0) > 25
    assert budget.wait(PERSON, Priority.LIVE, 100.0) == 0


def test_what_could_not_have_been_sent_does_not_count() -> None:
    """A turn that began two seconds before a restart had few states: its last one need not wait for a minute."""
    budget = Budget(group_per_minute=PER_MINUTE)
    budget.remember(GROUP, [99.0], live_for_s=2.0, live_steps=1, now=100.0)
    assert len(_made_at_once(budget, Priority.NOTICE, 101.1)) == 14 - 3  # of the 14 that notices may use in a minute


def test_live_messages_may_have_been_shown_before_what_is_recorded() -> None:
    """Eleven of them, then six parts of an answer: three calls are left of the minute, and none for a notice."""
    budget = Budget(group_per_minute=PER_MINUTE)
    budget.remember(GROUP, [94.0 + nth for nth in range(6)], live_for_s=60.0, live_steps=0, now=100.0)
    assert budget.wait(GROUP, Priority.NOTICE, 101.1) > 20
    assert budget.room(GROUP, 101.1) == 3


def test_beside_answers_few_live_messages_were_shown() -> None:
    """Ten answers, one a second, left room for few edits between them: the eleventh need not wait for long."""
    budget = Budget(group_per_minute=PER_MINUTE)
    budget.remember(GROUP, [89.0 + nth for nth in range(11)], live_for_s=12.0, live_steps=1, now=100.0)
    assert budget.wait(GROUP, Priority.ANSWER, 101.1) == 0


def _made_at_once(budget: Budget, priority: Priority, now: float) -> list[float]:
    """Calls until one has to wait for longer than the spacing of calls."""
    made = []
    while (delay := budget.wait(GROUP, priority, now)) < 2:
        now += delay
        budget.spend(GROUP, now, priority)
        made.append(now)
    return made


def test_a_long_answer_finds_room_beside_live_edits() -> None:
    """However busy the live messages are: six parts go at a second each, and a stop behind them still at once."""
    budget = Budget(group_per_minute=PER_MINUTE)
    now, shown = 0.0, list[float]()
    while now < 150:
        priority = Priority.LIVE if len(shown) % 3 else Priority.NOTICE
        if (delay := budget.wait(GROUP, priority, now, of_live=True)) > 0:
            now += delay
        else:
            budget.spend(GROUP, now, priority, of_live=True)
            shown.append(now)
    begun, waited = now, []
    for priority in [*[Priority.ANSWER] * 6, Priority.URGENT, Priority.URGENT]:
        waited.append(budget.wait(GROUP, priority, now))
        now += waited[-1]
        budget.spend(GROUP, now, priority)
    assert max(waited) < 1.1
    assert now - begun < 8.3


def test_live_edits_of_a_hundred_chats_leave_room_for_an_answer_in_another() -> None:
    """The overall limit has reserves too."""
    budget = Budget(group_per_minute=PER_MINUTE)
    chats = 0
    while budget.wait(-1 - chats, Priority.LIVE, 10.0) == 0:
        budget.spend(-1 - chats, 10.0, Priority.LIVE)
        chats += 1
    assert chats < 30
    assert budget.wait(-1 - chats, Priority.ANSWER, 10.0) == 0
    assert budget.wait(-1 - chats, Priority.URGENT, 10.0) == 0


def test_room_says_how_many_urgent_calls_may_follow_each_other() -> None:
    """As many as are left of the minute; none in a silent chat."""
    budget = Budget(group_per_minute=PER_MINUTE)
    assert budget.room(GROUP, 0.0) == 20
    for nth in range(19):
        budget.spend(GROUP, float(nth))
    assert budget.room(GROUP, 20.0) == 1
    budget.freeze(GROUP, 200.0)
    assert budget.room(GROUP, 100.0) == 0
