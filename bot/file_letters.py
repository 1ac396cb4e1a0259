"""Files of a session's directory as messages, and words about those that are not sent. Pure."""

from collections.abc import Sequence
from pathlib import Path

from bot.file_sizes import file_size
from bot.letter_body import Body, send_file
from bot.render import builder as b
from bot.render.entities import RichText
from bot.words.speech import say, say_rich
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.outgoing import MOST_BYTES, MOST_FILES, Entry, Listing, NotSent, OutFile, Unsent

_NOTES = {
    Unsent.MISSING: "file-unsent-missing",
    Unsent.OUTSIDE: "file-unsent-outside",
    Unsent.TOO_LARGE: "file-unsent-too-large",
    Unsent.HOLLOW: "file-unsent-hollow",
    Unsent.FORBIDDEN: "file-unsent-forbidden",
}
_REFUSALS = {
    Unsent.MISSING: "file-get-nothing",
    Unsent.OUTSIDE: "file-get-outside",
    Unsent.NOT_A_FILE: "file-get-not-a-file",
    Unsent.FORBIDDEN: "file-get-forbidden",
    Unsent.TOO_LARGE: "file-get-too-large",
    Unsent.HOLLOW: "file-get-hollow",
    Unsent.FAILED: "file-get-failed",
}


def file_body(topic: TopicKey, file: OutFile, *, reply_to: int | None = None, silent: bool = False) -> Body:
    """A file: as a photo what Telegram shows as one, all others as documents."""
    caption = say_rich("file-sent-name", path=file.shown, size=file_size(file.size))
    kind = "photo" if file.is_image else "document"
    name = Path(file.path).name
    return send_file(topic, kind, name, file.path, caption, reply_to=reply_to, silent=silent)


def refusal(not_sent: NotSent) -> RichText:
    """Why a file is not sent that was asked for."""
    sizes = {"size": file_size(not_sent.size), "most": file_size(MOST_BYTES)}
    return say_rich(_REFUSALS[not_sent.why], path=not_sent.shown, **sizes)


def unsent_note(unsent: Sequence[NotSent], beyond: int) -> str:
    """What of the files that an answer named is not below it; empty if all are."""
    notes = [
        say(_NOTES.get(each.why, "file-unsent-other"), path=each.shown, size=file_size(each.size)) for each in unsent
    ]
    if beyond:
        notes.append(say("file-unsent-many", n=beyond, most=MOST_FILES))
    return say("file-unsent", what="; ".join(notes)) if notes else ""


def listed(listing: Listing) -> RichText:
    """A directory, or what fits a pattern."""
    if not listing.entries:
        return say_rich("file-get-empty")
    more = listing.total - len(listing.entries)
    return b.message(
        b.lines(
            say_rich("file-listing", where=listing.where, n=listing.total),
            *(_line(entry) for entry in listing.entries),
            say_rich("file-get-more", n=more) if more else "",
            say_rich("file-get-hint"),
        )
    )


def _line(entry: Entry) -> RichText:
    if entry.is_directory:
        return b.text("📁 ", b.code(f"{entry.shown}/"))
    return b.text(b.code(entry.shown), f" · {file_size(entry.size)}")
