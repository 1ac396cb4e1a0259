"""The files of a message, of whatever kind it is."""

from aiogram import F
from aiogram.types import Message

from orchestrator.domain.records import FileRef

HAS_FILES = F.document | F.photo | F.video | F.audio | F.voice | F.video_note | F.animation
"""Messages with something that an agent may get. Stickers are not meant as a request."""


def files_of(message: Message, *, spoken: bool = False) -> tuple[FileRef, ...]:
    """The one file that a message has, if it has one. With `spoken` a voice is to be written down."""
    nth = message.message_id
    if message.animation is not None:  # it is a document too
        return _ref(message.animation, f"animation-{nth}.mp4", "video/mp4")
    if message.document is not None:
        return _ref(message.document, f"document-{nth}", "application/octet-stream")
    if message.photo:
        largest = max(message.photo, key=lambda each: each.width * each.height)
        return _ref(largest, f"photo-{nth}.jpg", "image/jpeg")
    if message.video is not None:
        return _ref(message.video, f"video-{nth}.mp4", "video/mp4")
    if message.audio is not None:
        return _ref(message.audio, f"audio-{nth}.mp3", "audio/mpeg")
    if message.video_note is not None:
        return _ref(message.video_note, f"video-note-{nth}.mp4", "video/mp4")
    if message.voice is not None:
        stand_in = f"[voice message {nth}]" if spoken else ""
        return _ref(message.voice, f"voice-{nth}.ogg", "audio/ogg", stand_in)
    return ()


def _ref(found: object, name: str, kind: str, stand_in: str = "") -> tuple[FileRef, ...]:
    """Of a file as the Bot API tells it; what it does not tell is made up."""
    return (
        FileRef(
            file_id=str(getattr(found, "file_id", "")),
            name=str(getattr(found, "file_name", "") or name),
            media_type=str(getattr(found, "mime_type", "") or kind),
            size=int(getattr(found, "file_size", 0) or 0),
            spoken=bool(stand_in),
            stand_in=stand_in,
        ),
    )
