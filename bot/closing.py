"""A topic was closed while something works in it: somebody is asked whether that should stop.

Where the bot may write into closed topics it asks there; otherwise, and where somebody closed it whom the bot does
not know, it asks admins in private.
"""

from bot.buttons import Keyboard, Press, Verb, button
from bot.desk import Desk
from bot.letter_body import send_text
from bot.lost_topics import working
from bot.render import builder as b
from bot.render.entities import RichText
from bot.words.speech import say, say_rich
from orchestrator.domain.ids import TopicKey, TurnId
from orchestrator.domain.records import Letter
from orchestrator.domain.standing import Right
from orchestrator.domain.states import Priority


async def question(desk: Desk, key: TopicKey, *, by_one_of_us: bool) -> list[Letter]:
    """The question, void once the turn that it is about is over; nothing where nothing works."""
    lane, works = desk.orchestrator.peek(key), working(desk.orchestrator, key)
    if lane is None or not works:
        return []
    standing = await desk.lives.groups.standing(key.chat_id)
    may_write = standing.inside is not False and not standing.missing & {Right.WRITE, Right.TOPICS}
    about = lane.state.current or lane.state.active[0]
    if by_one_of_us and may_write:
        return [_letter(key, key, about, works, say_rich("topic-closed-asks", n=works))]
    where = await desk.lives.lost_topics.named(key)
    asked = b.message(
        b.lines(
            say_rich("topic-closed-asks-there", where=where, n=works),
            "" if may_write else say_rich("topic-closed-held"),
        )
    )
    return [_letter(TopicKey(admin), key, about, works, asked) for admin in desk.lives.admins]


def _letter(to: TopicKey, about: TopicKey, turn_id: TurnId, works: int, text: RichText) -> Letter:
    place = str(about.chat_id)
    keyboard: Keyboard = [
        [
            button(say("topic-stop", n=works), Press(Verb.STOP_PLACE, place, about.thread_id), "danger"),
            button(say("topic-go-on", n=works), Press(Verb.GO_ON, place, about.thread_id)),
        ]
    ]
    body = send_text(to, text, keyboard=keyboard)
    return Letter(topic=to, priority=Priority.URGENT, body=body.to_json(), turn_id=turn_id, fenced=True)
