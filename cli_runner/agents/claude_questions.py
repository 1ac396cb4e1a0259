"""Claude Code's questions to a person: the tool `AskUserQuestion`, whose answers are part of its input."""

from collections.abc import Mapping, Sequence

from cli_runner.agents.json_lines import Fields, flag, objects, text
from orchestrator.domain.agent_events import Question, QuestionChoice

TOOL = "AskUserQuestion"
_SEVERAL = ", "


def questions_of(tool_input: Fields) -> tuple[Question, ...]:
    """What is asked, numbered from 0. Words of one's own are always an answer."""
    return tuple(
        Question(
            question_id=str(number),
            text=text(asked, "question"),
            header=text(asked, "header"),
            choices=tuple(
                QuestionChoice(label=text(option, "label"), detail=text(option, "description"))
                for option in objects(asked, "options")
            ),
            takes_several=flag(asked, "multiSelect"),
        )
        for number, asked in enumerate(objects(tool_input, "questions"))
    )


def shown(question: Question) -> str:
    """A question and its choices, as text."""
    choices = [f"• {choice.label}" + (f": {choice.detail}" if choice.detail else "") for choice in question.choices]
    return "\n".join((question.text, *choices))


def answered(tool_input: Fields, answers: Mapping[str, Sequence[str]]) -> Fields:
    """The input with the answers, by the text of each question. One that was not answered is left out."""
    said = {
        question.text: _SEVERAL.join(answers[question.question_id])
        for question in questions_of(tool_input)
        if answers.get(question.question_id)
    }
    return {**tool_input, "answers": said}
