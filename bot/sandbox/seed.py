"""The world that a sandbox begins with: two people, a stranger, a forum, a group, private chats."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.model import TOPIC_COLOURS, Chat, ChatKind, Membership, User
from bot.sandbox.world import World

ALICE = User(id=111111111, first_name="Alice", username="alice")
BOB = User(id=222222222, first_name="Bob", username="bob")
MALLORY = User(id=333333333, first_name="Mallory", username="mallory")
ANONYMOUS_ADMIN = User(
    id=1087968824, first_name="Group", username="GroupAnonymousBot", is_bot=True
)  # Telegram's own id for it
WORKSHOP_ID = -1002000000001
FLAT_GROUP_ID = -1002000000002

Seed = Callable[[World], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedTopics:
    """Names of the topics that the Workshop begins with, beside General."""

    names: tuple[str, ...] = ("api", "website")


def empty_world(world: World) -> None:
    """People but no groups: for tests that build their own."""
    for user in (ALICE, BOB, MALLORY, ANONYMOUS_ADMIN):
        world.add_user(user)
    for user in (ALICE, BOB, MALLORY):
        world.add_private_chat(user)


def default_world(world: World, *, topics: SeedTopics | None = None) -> None:
    """Alice owns the forum Workshop and the Flat group, Bob is a member, the bot an administrator."""
    empty_world(world)
    members = {
        ALICE.id: Membership.CREATOR,
        BOB.id: Membership.MEMBER,
        MALLORY.id: Membership.MEMBER,
        world.bot.id: Membership.ADMINISTRATOR,
    }
    workshop = world.add_chat(
        Chat(
            id=WORKSHOP_ID,
            kind=ChatKind.SUPERGROUP,
            title="Workshop",
            has_topics=True,
            members=dict(members),
        )
    )
    names = (topics or SeedTopics()).names
    for name, colour in zip(names, (TOPIC_COLOURS * (len(names) // 6 + 1)), strict=False):
        world.create_topic(workshop, name, creator=ALICE, icon_color=colour)
    world.add_chat(Chat(id=FLAT_GROUP_ID, kind=ChatKind.SUPERGROUP, title="Flat group", members=dict(members)))
