"""The pages about a topic's worktree. Pure."""

from collections.abc import Sequence

from bot.menus.page import Button, Choice, Page, confirm, in_rows
from bot.render import builder as b
from bot.render.entities import RichText
from bot.words.speech import say, say_rich
from orchestrator.app.directories import shown
from orchestrator.domain.worktrees import Outcome, Standing, Tended, Worktree

AREA = "wt"
_MOST_FILES = 15


def worktree(tree: Worktree, now: Standing, *news: RichText) -> Page:
    """A worktree as it stands, with what can be done."""
    text = b.message(b.lines(*news, _head(tree), *_standing(tree, now)))
    return Page(text=text, rows=in_rows(_deeds(tree, now)))


def _head(tree: Worktree) -> RichText:
    return b.lines(
        say_rich("project-worktree", branch=tree.branch, name=tree.name, **{"from": tree.base_branch}),
        say_rich("project-worktree-path", directory=shown(tree.directory)),
    )


def _into(tree: Worktree) -> str:
    return tree.base_branch or tree.base[:8]


def _standing(tree: Worktree, now: Standing) -> Sequence[RichText | str]:
    return (
        "" if now.is_there else say_rich("project-worktree-missing"),
        say_rich("project-worktree-changes", n=now.uncommitted) if now.uncommitted else "",
        say_rich("project-worktree-ahead", n=now.ahead, into=_into(tree)) if now.ahead else "",
        say_rich("project-worktree-merged", into=_into(tree)) if now.is_merged and not now.uncommitted else "",
    )


def _deeds(tree: Worktree, now: Standing) -> list[Button]:
    number = str(tree.id)
    found: list[Button] = []
    if now.is_there:
        found.append(Choice(label=say("project-button-diff"), to=("d", number), acts=True))
    if now.is_there and now.uncommitted:
        found.append(Choice(label=say("project-button-commit"), to=("c", number), acts=True))
    elif now.ahead and tree.base_branch:
        label = say("project-button-merge", into=tree.base_branch)
        found.append(Choice(label=label, to=("m", number), acts=True, style="primary"))
    found.append(Choice(label=say("project-button-remove"), to=("q", number), acts=True))
    return found


def diff_deeds(tree: Worktree) -> Page:
    """What can be done after a look at what changed: all that is done is checked then."""
    return Page(text=b.text(""), rows=((Choice(label=f"🌿 {tree.branch}", to=("w", str(tree.id)), acts=True),),))


def removal(tree: Worktree, now: Standing) -> Page:
    """Asks before a worktree is removed; where something would be lost, it is asked again."""
    number = str(tree.id)
    loses = _loses(now)
    text = b.message(b.lines(say_rich("project-worktree-ask", branch=tree.branch), *_what_is_lost(tree, now)))
    if loses:
        again = Choice(label=say("project-button-remove-now"), to=("a", number), acts=True, style="danger")
        keep = Choice(label=f"‹ {say('project-button-keep')}", to=("w", number), acts=True)
        return Page(text=text, rows=((again, keep),))
    return _asked(text, ("x", number), ("w", number), say("project-button-remove-now"))


def removal_again(tree: Worktree, now: Standing, *news: RichText) -> Page:
    """Asks for the second time, naming what is lost."""
    text = b.message(
        b.lines(*news, say_rich("project-worktree-ask-again", branch=tree.branch), *_what_is_lost(tree, now))
    )
    act = ("y", str(tree.id), now.mark or "none")
    return _asked(text, act, ("w", str(tree.id)), say("project-button-remove-all"))


def _asked(text: RichText, act: tuple[str, ...], keep: tuple[str, ...], yes: str) -> Page:
    page = confirm(text, yes=yes, no=say("project-button-keep"), act=act, keep=keep)
    # What is kept is shown anew, for which git has to be asked: beside the others.
    row = tuple(
        Choice(label=each.label, to=each.to, acts=True, style=each.style) if isinstance(each, Choice) else each
        for each in page.rows[0]
    )
    return Page(text=page.text, rows=(row,))


def _loses(now: Standing) -> bool:
    return now.is_there and bool(now.uncommitted or not now.is_merged)


def _what_is_lost(tree: Worktree, now: Standing) -> Sequence[RichText | str]:
    return (
        say_rich("project-worktree-lost", n=now.uncommitted) if now.uncommitted else "",
        say_rich("project-worktree-unmerged", n=now.ahead, into=_into(tree)) if not now.is_merged else "",
    )


def told(tended: Tended, tree: Worktree, directory: str) -> Page:
    """What became of a deed. `directory` is where the topic works now, if it moved."""
    now, into = tended.standing, _into(tree)
    afresh = say_rich("project-worktree-afresh")
    match tended.outcome:
        case Outcome.MADE:
            return worktree(tree, now, b.lines(say_rich("project-worktree-made"), afresh))
        case Outcome.TAKEN:
            return worktree(tree, now, b.lines(say_rich("project-worktree-taken"), afresh))
        case Outcome.COMMITTED:
            return worktree(tree, now, say_rich("project-worktree-committed", commit=tended.commit))
        case Outcome.NOTHING_TO_COMMIT:
            return worktree(tree, now, say_rich("project-worktree-clean"))
        case Outcome.MERGED:
            return worktree(tree, now, say_rich("project-worktree-merged-now", into=into, commit=tended.commit))
        case Outcome.MERGED_BEFORE:
            return worktree(tree, now, say_rich("project-worktree-merged-before", into=into))
        case Outcome.COMMIT_FIRST:
            return worktree(tree, now, say_rich("project-worktree-commit-first"))
        case Outcome.CONFLICTS:
            return _conflicts(tended, tree)
        case Outcome.ASK_AGAIN:
            return removal_again(tree, now, say_rich("project-worktree-changed"))
        case Outcome.REMOVED:
            return Page(text=_removed(tended, tree, directory))
        case Outcome.SHOWN | Outcome.FAILED:
            return worktree(tree, now)


def _conflicts(tended: Tended, tree: Worktree) -> Page:
    into, files = _into(tree), tended.files
    text = b.message(
        b.lines(
            say_rich("project-worktree-conflicts", n=len(files), into=into, branch=tree.branch),
            *(b.code(name) for name in files[:_MOST_FILES]),
            say_rich("project-worktree-more", n=len(files) - _MOST_FILES) if len(files) > _MOST_FILES else "",
        )
    )
    return Page(text=text, rows=in_rows(_deeds(tree, tended.standing)))


def _removed(tended: Tended, tree: Worktree, directory: str) -> RichText:
    if directory:
        head = say_rich("project-worktree-removed", branch=tree.branch, directory=shown(directory))
    else:
        head = say_rich("project-worktree-removed-elsewhere", branch=tree.branch)
    if tended.branch_gone:
        return b.message(b.lines(head, say_rich("project-worktree-branch-gone", into=_into(tree))))
    return b.message(b.lines(head, say_rich("project-worktree-branch-kept")))
