"""Letters about where topics work: the offer to a new topic, worktrees, what changed."""

from dataclasses import replace

from bot.buttons import Keyboard
from bot.letter_body import Body, send_document, send_text
from bot.menus import place_pages, worktree_pages
from bot.menus.page import Page
from bot.menus.way import keyboard
from bot.render import builder as b
from bot.render.entities import RichText
from bot.render.split import split
from bot.words.speech import say_rich
from orchestrator.app.directories import shown
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.notices import DiffTold, PlaceOffered, WorktreeTold
from orchestrator.domain.records import Letter
from orchestrator.domain.states import Priority
from orchestrator.domain.worktrees import Changes, Diff, FileChange

_SMALL_UNITS = 2_800
"""A diff that is longer comes as a file."""

_MOST_FILES = 20
_MOST_COMMITS = 10
_CAPTION_UNITS = 1_000
_MOST_CHARS = 12_000_000


def place_offered(notice: PlaceOffered) -> list[Letter]:
    """Rings only if a prompt waits for the answer."""
    page = place_pages.offer(asks=notice.asks, directory=notice.directory, projects=notice.projects)
    return [
        _page(page, place_pages.AREA, notice.topic, notice.reply_to, notice.at, silent=not notice.asks),
    ]


def worktree_told(notice: WorktreeTold) -> list[Letter]:
    """What became of a deed with a worktree, and what can be done next."""
    tree = notice.tended.worktree
    if tree is None:
        return []
    page = worktree_pages.told(notice.tended, tree, notice.remark)
    return [_page(page, worktree_pages.AREA, notice.topic, notice.reply_to, notice.at)]


def diff_told(notice: DiffTold) -> list[Letter]:
    """A short diff is in the message, a long one in a file with its files as the caption."""
    diff, tree = notice.diff, notice.worktree
    rows: Keyboard = []
    if diff.is_empty:
        text = say_rich("project-diff-none", directory=shown(diff.directory))
        return [_letter(notice.topic, send_text(notice.topic, b.message(text), reply_to=notice.reply_to))]
    head, whole = _summary(diff), _whole(diff)
    if tree is not None:
        page = worktree_pages.diff_deeds(tree)
        rows = keyboard(page, worktree_pages.AREA, notice.topic.thread_id, notice.at)
    code = b.pre(whole, language="diff") if whole.strip() else b.text("")
    if diff.uncommitted.whole and code.units <= _SMALL_UNITS:
        rich = b.message(b.lines(head, code if code.units else ""))
        return [_letter(notice.topic, send_text(notice.topic, rich, reply_to=notice.reply_to, keyboard=rows))]
    cut = len(whole) > _MOST_CHARS or not diff.uncommitted.whole
    caption = b.message(b.lines(_fitting(head), say_rich("project-diff-cut") if cut else ""))
    name = f"{(diff.branch or 'changes').replace('/', '-')}.diff"
    body = send_document(notice.topic, name, whole[:_MOST_CHARS], caption, reply_to=notice.reply_to)
    if rows:
        body = replace(body, params={**body.params, "reply_markup": {"inline_keyboard": rows}})
    return [_letter(notice.topic, body)]


def _summary(diff: Diff) -> RichText:
    lines: list[RichText | str] = []
    if diff.uncommitted.files:
        lines.append(say_rich("project-diff-uncommitted", directory=shown(diff.directory)))
        lines += _files(diff.uncommitted)
    if diff.committed is not None and diff.commits:
        lines.append("" if lines else say_rich("project-diff-clean"))
        lines.append(say_rich("project-diff-commits", n=len(diff.commits), branch=diff.branch or "HEAD"))
        lines += [b.text("· ", commit) for commit in diff.commits[:_MOST_COMMITS]]
        lines += _more(len(diff.commits) - _MOST_COMMITS)
        lines += _files(diff.committed)
    return b.lines(*lines)


def _files(changes: Changes) -> list[RichText | str]:
    head = say_rich("project-diff-head", files=len(changes.files), added=changes.added, removed=changes.removed)
    return [head, *(_file(each) for each in changes.files[:_MOST_FILES]), *_more(len(changes.files) - _MOST_FILES)]


def _file(change: FileChange) -> RichText:
    path = b.code(change.path)
    if change.is_binary:
        return say_rich("project-diff-file-binary-new" if change.is_new else "project-diff-file-binary", path=path)
    if change.is_new:
        return say_rich("project-diff-file-new", path=path, added=change.added)
    return say_rich("project-diff-file", path=path, added=change.added, removed=change.removed)


def _more(count: int) -> list[RichText | str]:
    return [say_rich("project-worktree-more", n=count)] if count > 0 else []


def _whole(diff: Diff) -> str:
    committed = diff.committed.diff if diff.committed is not None else ""
    return "\n".join(part.rstrip("\n") for part in (committed, diff.uncommitted.diff) if part)


def _fitting(rich: RichText) -> RichText:
    return rich if rich.units <= _CAPTION_UNITS else b.text(split(rich, _CAPTION_UNITS - 2)[0], "…")


def _page(page: Page, area: str, topic: TopicKey, reply_to: int | None, at: int, *, silent: bool = False) -> Letter:
    rows = keyboard(page, area, topic.thread_id, at)
    return _letter(topic, send_text(topic, page.text, reply_to=reply_to, keyboard=rows, silent=silent))


def _letter(topic: TopicKey, body: Body) -> Letter:
    return Letter(topic=topic, priority=Priority.NOTICE, body=body.to_json())
