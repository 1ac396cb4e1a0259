"""The postman under the flood model, on a virtual clock: no 429 of our making, nobody starves, answers are quick."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.domain.ids import TopicKey
from orchestrator.domain.states import Priority
from tests.unit.post_in_time import timed_post

GROUP, OTHER, ALICE = -1001, -1002, 111
LATENCIES = st.lists(st.tuples(st.floats(0.0, 0.8), st.floats(0.0, 0.8)), min_size=1, max_size=12)
ARRIVALS = st.lists(
    st.tuples(
        st.floats(0.0, 12.0),  # pause before it, in seconds
        st.sampled_from([GROUP, GROUP, OTHER, ALICE]),
        st.integers(1, 5),  # topic
        st.sampled_from([Priority.ANSWER, Priority.ANSWER, Priority.NOTICE, Priority.URGENT]),
        st.integers(1, 6),  # parts
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LATENCIES, st.integers(0, 50), ARRIVALS)
def test_whatever_happens_telegram_never_has_to_refuse(
    latencies: list[tuple[float, float]], streams: int, arrivals: list[tuple[float, int, int, Priority, int]]
) -> None:
    """However many turns stream, whatever is owed meanwhile, and however long calls take; and all of it arrives."""
    with timed_post(latencies) as post:
        for nth in range(streams):
            post.stream(TopicKey((GROUP, OTHER)[nth % 2], 100 + nth))
        owed = []
        for pause, chat_id, thread, priority, parts in arrivals:
            post.run(pause)
            owed += post.owe(TopicKey(chat_id, thread), priority, parts if priority is Priority.ANSWER else 1)
        post.run(60 + 8 * len(owed))
        assert post.telegram.refused == []
        assert not post.telegram.flood.exceeded
        assert set(post.ledger.settled) == set(owed)


@pytest.mark.parametrize("streams", [1, 10, 50])
def test_live_edits_are_shared_fairly_and_use_what_they_may(streams: int) -> None:
    """Each turn is shown as often as any other, give or take one; together they use their share of every minute."""
    with timed_post([(0.05, 0.05)]) as post:
        lives = [post.stream(TopicKey(GROUP, 100 + nth)) for nth in range(streams)]
        post.run(600)
        counts = [len(post.shown(live)) for live in lives]
        assert max(counts) - min(counts) <= 1 + max(counts) // 10
        late = [at for at, _, _ in post.telegram.seen if at > post.telegram.seen[0][0] + 300]
        assert len(late) >= 0.9 * 11 * 5
        # In the first minute most of what there is goes into the messages themselves.
        gaps = [later - earlier for live in lives for earlier, later in pairwise(post.shown(live)) if earlier > 1120]
        assert max(gaps, default=0.0) < 6.5 * streams + 1


def test_one_turn_that_is_alone_is_edited_at_the_interval_then_evenly() -> None:
    """Never a long silence after a quick minute."""
    with timed_post([(0.05, 0.05)]) as post:
        live = post.stream(TopicKey(GROUP, 7))
        post.run(180)
        gaps = [later - earlier for earlier, later in pairwise(post.shown(live))]
        assert gaps[0] < 4.5
        assert max(gaps) < 7


@pytest.mark.parametrize("parts", [1, 2, 4, 6])
def test_an_answer_takes_hardly_longer_than_it_must(parts: int) -> None:
    """Beside fifty turns that stream: a second for each part but the first, and what is left of one second before."""
    with timed_post([(0.05, 0.05)]) as post:
        for nth in range(50):
            post.stream(TopicKey(GROUP, 100 + nth))
        post.run(300)
        answer = post.owe(TopicKey(GROUP, 5), Priority.ANSWER, parts)
        post.run(30)
        assert post.delay_of(answer) < 1.2 * (parts - 1) + 1.5


def test_a_short_answer_does_not_wait_for_another_topics_long_one() -> None:
    """Topics go by turns; within each the parts stay in order."""
    with timed_post([(0.05, 0.05)]) as post:
        long = post.owe(TopicKey(GROUP, 1), Priority.ANSWER, 6)
        short = post.owe(TopicKey(GROUP, 2), Priority.ANSWER, 1)
        post.run(20)
        assert post.delay_of(short) < 2
        times = [post.ledger.settled[each][1] for each in long]
        assert times == sorted(times)


def test_a_stop_overtakes_every_answer() -> None:
    """Of whatever topic: its notice is the next call."""
    with timed_post([(0.05, 0.05)]) as post:
        for thread in range(1, 4):
            post.owe(TopicKey(GROUP, thread), Priority.ANSWER, 6)
        post.run(3)
        stop = post.owe(TopicKey(GROUP, 9), Priority.URGENT)
        post.run(5)
        assert post.delay_of(stop) < 1.3


def test_a_new_turns_first_message_is_not_lost_among_edits() -> None:
    """Beside fifty that stream, the button that stops it is there within seconds."""
    with timed_post([(0.05, 0.05)]) as post:
        for nth in range(50):
            post.stream(TopicKey(GROUP, 100 + nth))
        post.run(300)
        begun = post.loop.time()
        live = post.stream(TopicKey(GROUP, 5))
        post.run(5)
        sent = [at for at, method, found in post.telegram.seen if method == "sendMessage" and at > begun]
        assert live.turn.id in post.live_ids
        assert sent[0] - begun < 4


def test_a_chat_whose_limits_are_tighter_is_learned() -> None:
    """A group that takes a message in three seconds only refuses a few times, and in the end everything is there."""
    with timed_post([(0.05, 0.05)]) as post:
        post.telegram.stricter[GROUP] = 3.0
        answers = [post.owe(TopicKey(GROUP, thread), Priority.ANSWER, 6) for thread in range(1, 5)]
        elsewhere = post.owe(TopicKey(OTHER, 1), Priority.ANSWER, 3)
        post.run(300)
        assert len(post.telegram.refused) <= 5
        assert all(post.delay_of(each) < 200 for each in answers)
        assert post.delay_of(elsewhere) < 3.5, "the other chat never noticed"
        refused = [at for at, _ in post.telegram.refused]
        assert not any(
            at < seen < at + 5.0 for at in refused for seen, _, found in post.telegram.seen if found["chat_id"] == GROUP
        )
