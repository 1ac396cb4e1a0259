"""Every sentence is in one place, in each language, and none is forgotten."""

import re

import pytest
from babel import Locale
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

from bot.command_list import COMMANDS
from bot.letter_body import AGAIN_UNITS, again_note
from bot.render.entities import Kind, RichText, utf16_len
from bot.words.errors import Unsayable
from bot.words.numbers import SmallLocale
from bot.words.sources import HOME, languages, sources
from bot.words.speech import in_language, say, say_rich, speaking, spoken, worded
from orchestrator.domain.errors import Refusal, as_stored, in_words
from orchestrator.domain.words import said as what_is_said
from orchestrator.domain.words import words
from tests.words_in_code import mentioned, patterns, said, sentences

CODE = ("bot", "orchestrator", "cli_runner")

NOT_FOR_CHATS = (
    # The shell, the configuration, the logs.
    r"bot/(check_|settings|finding|service|runs_command|sandbox_command|commands|durations|log|webhook|__main__|sandbox/)",
    # What Telegram says, and what became of a call: for logs, and for knowing one refusal from another.
    r"bot/(telegram|letter_refusals|rich_latch|files|live_showing|courier|topic_titles|render/)",
    # For agents, who read English.
    r"bot/(quotes|message_parts|message_files)\.py",
    r"orchestrator/(app/attended_run|domain/resume_policy|domain/requests)\.py",
    # `python -m bot check`.
    r"orchestrator/app/(agent_trial|agent_login)\.py",
    # Ways to stop, for the log.
    r"orchestrator/domain/(reach|errors|cancel_token|progress)\.py",
)
"""Modules in which strings that look like sentences are none that a chat is told."""

NO_SENTENCES = {
    # What codecs call it, to be said in our words; parts of requests; what git says.
    *("Allow once", "Keep planning", "Bearer ", "dubious ownership", "did not match any file"),
    # For agents and git.
    *("Nobody answered in time.", "Work on "),
    # Names of tasks.
    *("look at a directory", "look at a session's directory", "what an agent does by itself"),
    # Why a turn went from one state to another, as the history in the database has it.
    *("something newer came", "the agent went on by itself", "its agent does not know the session any more"),
    *("its stop could not be stored", "its run ended before it had the prompt", "deleted by ", "stopped by "),
    *("its session was deleted", "/stop_all by ", "the bot was shut down", "its program and its supervisor vanished"),
    *("it was resumed, and its agent ended at once without a word", "found at start without a run"),
    *("found at start without its prompt given", "it did not get to resume in time"),
}
"""Strings that look like sentences elsewhere, and are none."""


class _Variables(Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()
        self.references: set[str] = set()

    def visit_VariableReference(self, node: ast.VariableReference) -> None:  # noqa: N802
        self.names.add(node.id.name)

    def visit_MessageReference(self, node: ast.MessageReference) -> None:  # noqa: N802
        self.references.add(node.id.name)

    def visit_TermReference(self, node: ast.TermReference) -> None:  # noqa: N802
        self.references.add(node.id.name)


def variables(source: str) -> _Variables:
    """What a sentence refers to."""
    found = _Variables()
    found.visit(FluentParser().parse(source))
    return found


def test_there_is_more_than_one_language() -> None:
    """English is one of them."""
    assert {"en", "de"} <= set(languages())


@pytest.mark.parametrize("language", languages())
def test_each_file_is_as_fluent_wants_it(language: str) -> None:
    """Nothing in it is skipped, nothing is there twice, and a sentence stands by itself."""
    seen: dict[str, str] = {}
    for file in sorted((HOME / language).glob("*.ftl")):
        for entry in FluentParser().parse(file.read_text(encoding="utf-8")).body:
            assert not isinstance(entry, ast.Junk | ast.Term), f"{file.name}: {entry.to_json()}"
            if isinstance(entry, ast.Message):
                assert entry.id.name not in seen, f"{entry.id.name} is in {file.name} and in {seen[entry.id.name]}"
                assert entry.value is not None, entry.id.name
                assert not entry.attributes, entry.id.name
                seen[entry.id.name] = file.name
    assert set(seen) == set(sources(language))
    assert not {name for name, source in sources(language).items() if variables(source).references}


@pytest.mark.parametrize("language", [each for each in languages() if each != "en"])
def test_each_language_says_the_same_sentences(language: str) -> None:
    """None is missing, none is too many, and each is told the same."""
    english, other = sources("en"), sources(language)
    assert sorted(english.keys() - other.keys()) == []
    assert sorted(other.keys() - english.keys()) == []
    told = {name: (variables(english[name]).names, variables(other[name]).names) for name in english}
    assert {name: each for name, each in told.items() if each[0] != each[1]} == {}


@pytest.mark.parametrize("language", languages())
def test_the_parts_of_a_language_are_in_the_same_files(language: str) -> None:
    """Who looks for a sentence finds it in the same place."""
    assert sorted(path.name for path in (HOME / language).iterdir()) == sorted(
        path.name for path in (HOME / "en").iterdir()
    )


def test_what_the_code_says_is_there() -> None:
    """Each sentence that is named exists, and is told what it wants."""
    english = sources("en")
    missing = {each.name: each.where for each in said(*CODE) if each.name not in english}
    assert missing == {}
    untold = {
        f"{each.name} {each.where}": variables(english[each.name]).names - each.told
        for each in said(*CODE)
        if each.told is not None and not variables(english[each.name]).names <= each.told
    }
    assert untold == {}


def test_what_is_there_is_said() -> None:
    """A sentence that nobody says any more is removed."""
    strings = mentioned(*CODE)
    made = [pattern for pattern, _ in patterns(*CODE)]
    of_commands = {name for each in COMMANDS for name in (each.words, f"{each.words}-more")}
    left = {
        name
        for name in sources("en")
        if name not in strings | of_commands and not any(pattern.fullmatch(name) for pattern in made)
    }
    assert sorted(left) == []


def test_a_name_that_is_put_together_fits_a_sentence() -> None:
    """Of a pattern that fits none, nothing can be said."""
    names = set(sources("en"))
    assert [where for pattern, where in patterns(*CODE) if not any(map(pattern.fullmatch, names))] == []


@pytest.mark.parametrize("language", languages())
def test_each_command_is_described(language: str) -> None:
    """In words that Telegram takes for its menu (Bot API, `BotCommand`: 1 to 256 characters)."""
    describe = in_language(language)
    for each in COMMANDS:
        assert 1 <= len(describe(each.words)) <= 256
        assert (f"{each.words}-more" in sources(language)) is each.has_more


def test_no_sentence_is_in_the_code() -> None:
    """What a chat is told is in the files of its language."""
    found = [
        f"{each.file}:{each.line}: {each.text!r}"
        for each in sentences("bot", "orchestrator")
        if not any(re.match(pattern, each.file) for pattern in NOT_FOR_CHATS)
        and each.text not in NO_SENTENCES
        and not each.text.startswith("/")
    ]
    assert found == []


def test_refusals_are_named_not_written() -> None:
    """Also where strings are allowed: `Refusal` takes the name of a sentence."""
    assert [
        f"{each.where}: {each.name}" for each in said(*CODE) if " " in each.name and "demo_agent" not in each.where
    ] == []


@pytest.mark.parametrize("language", languages())
def test_a_small_locale_counts_as_unicode_does(language: str) -> None:
    """What is kept here of a language is what Babel has of it."""
    small, whole = SmallLocale(language), Locale(language)
    assert small.plural_form.rules == whole.plural_form.rules
    assert [small.plural_form(number) for number in (0, 1, 1.5, 2, 11, 101)] == [
        whole.plural_form(number) for number in (0, 1, 1.5, 2, 11, 101)
    ]
    for symbol in ("decimal", "group", "minusSign"):
        assert small.number_symbols["latn"][symbol] == whole.number_symbols["latn"][symbol]
    assert small.decimal_formats[None].pattern == whole.decimal_formats[None].pattern


def test_numbers_are_written_the_languages_way() -> None:
    """Names that are numbers are not."""
    assert say("stop-held", n=12345).startswith("12,345 ")
    assert say("stop-button-task", id=12345) == "⏹ Stop task 12345"
    with speaking("de"):
        assert say("stop-held", n=12345).startswith("12.345 ")
        assert say("unit-tenths", s=0.4) == "0,4 s"


def test_german_counts() -> None:
    """One, and all others."""
    with speaking("de"):
        assert [say("stop-ended-tasks", n=n) for n in (0, 1, 2)] == ["0 Aufgaben", "1 Aufgabe", "2 Aufgaben"]
        assert say("queue-held-runs", n=1) != say("queue-held-runs", n=2).replace("2", "1")


def test_a_language_is_spoken_where_it_is_chosen_and_nowhere_else() -> None:
    """English is what is spoken otherwise."""
    assert (spoken(), say("stop-button")) == ("en", "⏹ Stop")
    with speaking("de"):
        assert (spoken(), say("stop-button")) == ("de", "⏹ Stopp")
    assert in_language("de")("stop-button") == "⏹ Stopp"
    assert say("stop-button") == "⏹ Stop"


def test_a_repeats_note_fits_into_the_room_that_is_left_for_it() -> None:
    """In each language."""
    for language in languages():
        with speaking(language):
            assert utf16_len(again_note()) <= AGAIN_UNITS


HOSTILE = "**b** _i_ `c` { $took } \U000f0000\U000f0001 [one] -> *[other] \u202e"


def test_nothing_in_an_argument_is_markup() -> None:
    """Neither the markup of the sentences, nor Fluent's, nor a slot of another argument."""
    found = say_rich("stop-done", took=HOSTILE, ended="the turn")
    assert found.text == f"⏹ Stopped {HOSTILE[:-1]} · ended the turn"
    assert [(each.type, each.offset, each.length) for each in found.entities] == [(Kind.BOLD, 0, 9)]
    assert say("stop-task-left", id=HOSTILE, prompt="x").startswith("⚙ **b** _i_ `c` { $took } \U000f0000\U000f0001")


def test_a_rich_argument_keeps_its_marks_where_it_stands() -> None:
    """What comes before it moves them, in UTF-16 units."""
    prompt = say_rich("status-directory", directory="/x")
    found = say_rich("stop-task-left", id="7", prompt=prompt)
    assert found.text == "⚙ 7 · Directory: /x"
    assert [(each.type, each.offset, each.length) for each in found.entities] == [(Kind.CODE, 17, 2)]
    assert say("stop-task-left", id="7", prompt=prompt) == found.text
    astral = say_rich("stop-task-left", id="🔐", prompt=prompt)
    assert [(each.offset, each.length) for each in astral.entities] == [(18, 2)]


def test_a_text_can_be_chosen_by() -> None:
    """By what it is; an empty one by `none`, and a truth by `yes` and `no`."""
    assert say("stop-took", took="") == "at once"
    assert say("stop-took", took="2 s") == "in 2 s"
    assert "kept" in say("session-opened", agent="a", directory="/", kept=True)
    assert "kept" not in say("session-opened", agent="a", directory="/", kept=False)


def test_what_cannot_be_said_is_an_error_of_ours() -> None:
    """A sentence that is not there, or one that is not told what it wants."""
    with pytest.raises(Unsayable, match="nowhere-to-be-found"):
        say("nowhere-to-be-found")
    with pytest.raises(Unsayable, match="took"):
        say("stop-done", ended="")


def test_the_running_bot_says_something_all_the_same() -> None:
    """In English what is not there in its language; else what there is to tell."""
    with speaking("de", forgiving=True):
        assert say("nowhere-to-be-found", name="x", n=3) == "nowhere to be found: x, 3"
        assert say_rich("nowhere-to-be-found") == RichText("nowhere to be found")
        assert say("stop-done", ended="") == "stop done"


def test_words_survive_being_stored() -> None:
    """As texts among other texts, which are taken as they are."""
    inner = words("stop-took", took="2 s")
    named = words("answer-failed", agent="a", error=inner)
    assert what_is_said(named.stored()) == named
    assert worded(named.stored()) == worded(named) == "✗ a failed: in 2 s"
    assert worded("as it is, of an agent") == "as it is, of an agent"
    for broken in ("\x02", "\x02{}", '\x02{"id": 7, "about": {}}', '\x02{"id": "x", "about": {"a": []}}'):
        assert what_is_said(broken) == broken[1:]


def test_a_refusal_names_its_sentence() -> None:
    """For logs its name and what it is about, for people the sentence."""
    refusal = Refusal("refusal-no-mode", mode="fast", known="ask, all")
    assert str(refusal) == "refusal-no-mode (mode=fast, known=ask, all)"
    assert worded(refusal.words) == "There is no mode «fast». Modes are: ask, all."
    assert worded(as_stored(refusal)) == worded(in_words(refusal)) == worded(Refusal(refusal.words).words)
    assert as_stored(OSError("disk full")) == "disk full" == worded(in_words(OSError("disk full")))
