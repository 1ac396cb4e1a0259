"""Answers as rich messages: where they help, as the Bot API has them, within its limits."""

from pathlib import Path
from typing import Any

import pytest
from aiogram.types import InputRichMessage
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.render.rich_blocks import MAX_BLOCKS, MAX_COLUMNS, RichAnswer, rich_answer
from bot.sandbox.api_error import ApiError
from bot.sandbox.rich_blocks import check_blocks, words_of
from tests.unit.fixtures.answer_corpus import ANSWERS, source_of
from tests.unit.fixtures.render_strategies import LAYOUT

HELPED = {
    "a table": "|a|\n|-|\n|b|",
    "tasks": "- [ ] a",
    "a formula": r"so \(\frac{a}{b}\)",
    "a formula on lines": "$$\nx^2\n$$",
    "details": "<details>\n<summary>a</summary>\n\nb\n</details>",
}
NOT_HELPED = [
    "<details>\na\n</details>\n\n$$\nx^2\n$$",
    "**a** `b`",
    "# a\n\n- b\n  - c",
    "```py\nx\n```",
    "for $n$ and \\(n^2\\) steps",
    "|a|",
    "",
]


def blocks(source: str) -> list[Any]:
    found = rich_answer(source)
    assert found is not None
    return list(found.blocks)


@pytest.mark.parametrize("source", HELPED.values(), ids=HELPED.keys())
def test_where_it_helps(source: str) -> None:
    """Tables, tasks, formulas that letters can't say well and what unfolds are worth a rich message."""
    assert rich_answer(source) is not None


@pytest.mark.parametrize("source", NOT_HELPED)
def test_where_it_does_not(source: str) -> None:
    """Everything else looks as well with entities, and everywhere."""
    assert rich_answer(source) is None


def test_blocks_of_all_kinds() -> None:
    """Each becomes the block that the Bot API has for it; what looks like a tag is text."""
    found = blocks(
        "## <b> `c`\n\na  \nb [x](https://e.com) [y.py](src/y.py)\n\n> q\n\n"
        "```py\nz\n```\n\n---\n\n7. [x] t\n\n$$\nE\n= m\n$$"
    )
    assert found == [
        {"type": "heading", "text": ["<b> ", {"type": "code", "text": "c"}], "size": 2},
        {
            "type": "paragraph",
            "text": [
                "a\nb ",
                {"type": "url", "text": "x", "url": "https://e.com"},
                " ",
                {"type": "code", "text": "src/y.py"},
            ],
        },
        {"type": "blockquote", "blocks": [{"type": "paragraph", "text": "q"}]},
        {"type": "pre", "text": "z", "language": "py"},
        {"type": "divider"},
        {
            "type": "list",
            "items": [
                {
                    "blocks": [{"type": "paragraph", "text": "t"}],
                    "value": 7,
                    "type": "1",
                    "has_checkbox": True,
                    "is_checked": True,
                }
            ],
        },
        {"type": "mathematical_expression", "expression": "E\n= m"},
    ]


def test_a_table_with_too_many_cells_keeps_them() -> None:
    """What a row says beyond the columns stands in its last cell."""
    [table] = blocks("|a|b|\n|-|:-:|\n|1|2|3|\n|4|x<br>y|")
    assert [[cell["text"] for cell in row] for row in table["cells"]] == [
        ["a", "b"],
        ["1", ["2", " | 3"]],
        ["4", "x\ny"],
    ]
    assert table["cells"][1][1]["align"] == "center"


@pytest.mark.parametrize(
    "source",
    [
        "|" + "a|" * (MAX_COLUMNS + 1) + "\n|" + "-|" * (MAX_COLUMNS + 1),
        "- [ ] a\n" * MAX_BLOCKS,
        "- [ ] a\n" + "word " * 7000,
        "- [ ] a\n\n" + "> " * 20 + "deep\n\n" + "".join(" " * (2 * n) + "- a\n" for n in range(12)),
    ],
    ids=["columns", "blocks", "characters", "depth"],
)
def test_what_is_too_much_for_telegram_stays_classic(source: str) -> None:
    """The limits of the Bot API are known here, so that nothing has to be refused."""
    assert rich_answer(source) is None


def test_a_message_that_reads_from_the_right_says_so() -> None:
    """Most of its letters decide."""
    found = rich_answer("שלום עולם\n\n|א|\n|-|\n|ב|")
    assert found is not None
    assert found.to_dict()["is_rtl"] is True


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.stem)
def test_the_server_takes_the_nasty_answers(answer: Path) -> None:
    """aiogram's types and the limits of the Bot API agree with what is made of them."""
    found = rich_answer(source_of(answer))
    if found is not None:
        InputRichMessage.model_validate(found.to_dict())
        check_blocks(found.to_dict()["blocks"])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([*LAYOUT, "\n|a|b|\n|-|-|\n", "\n- [ ] ", "$x^2$"]), max_size=25))
def test_no_word_is_lost(layout: list[str]) -> None:
    """Whatever is made rich is taken, and says all that was said."""
    pieces = [f"w{number}w" for number in range(len(layout))]
    source = "- [ ] task\n\n" + "".join(p for pair in zip(layout, pieces, strict=True) for p in pair)
    found = rich_answer(source)
    if found is not None:
        check_blocks(found.to_dict()["blocks"])
        said = words_of(found.to_dict()["blocks"]) + str(found.to_dict())
        assert [piece for piece in pieces if piece not in said] == []


def test_the_judge_does_judge() -> None:
    """The sandbox's server refuses what is over a limit or no block."""
    for bad in ([], [{"type": "nothing"}], [{"type": "paragraph", "text": "x" * 40_000}], [{"type": "divider"}] * 501):
        with pytest.raises(ApiError):
            check_blocks(bad)


def test_more_before_and_after() -> None:
    """Which task it is, and what is remarked about it, are paragraphs of their own."""
    answer = RichAnswer(blocks=({"type": "divider"},)).with_more(before="a", after="b")
    assert [block.get("text") for block in answer.blocks] == ["a", None, "b"]
