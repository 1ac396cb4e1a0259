"""Whole conversations as the page shows them, message by message, against golden files: those of the pictures in docs/.

What the clock, the machine and the moment decide is taken out: times, pids, places of the sandbox, and the record of a
turn without a step, which is there only where the answer took its time.
"""

import re

import pytest

from scripts.scenes import SCENES, Scene
from scripts.stage import Stage, sandbox
from tests.unit.golden import assert_golden

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

READ = """() => [...document.querySelectorAll(".message")].map((message) => {
    const text = message.querySelector("[data-testid=text-of-message]")?.cloneNode(true);
    const marks = { STRONG: "**", EM: "_", S: "~~", CODE: "`" };
    text?.querySelectorAll("[data-testid=pre]").forEach((pre) => {
        const fence = "```";
        const code = pre.querySelector("code, pre").textContent;
        pre.replaceWith(`\\n${fence}${pre.dataset.language || ""}\\n${code}\\n${fence}\\n`);
    });
    text?.querySelectorAll("blockquote").forEach((quote) => quote.prepend("\\n> "));
    text?.querySelectorAll("strong, em, s, code").forEach((node) =>
        node.replaceWith(marks[node.tagName] + node.textContent + marks[node.tagName]));
    text?.querySelectorAll("br").forEach((node) => node.replaceWith("\\n"));
    const who = message.classList.contains("by-bot") ? "topicd" : "Alice";
    const quote = message.querySelector("[data-testid=quote] span");
    const rows = [...message.querySelectorAll(".keys")];
    return {
        who,
        quoted: quote ? quote.textContent : "",
        text: text ? text.textContent.trim() : "",
        keys: rows.map((row) => [...row.querySelectorAll("[data-testid=key]")].map((key) => key.textContent)),
    };
})"""

VARIES = (
    (re.compile(r"/tmp/topicd-sandbox-\w+|/\S*/topicd-sandbox-\w+"), "/sandbox"),
    (re.compile(r"\b\d+(\.\d+)? s\b"), "N s"),
    (re.compile(r"(Stopped\*\*) (at once|in N s)"), r"\1 in N s"),
)
_QUICK = re.compile(r"✓ Done in N s( · (?!\d+ step)[^·\n]+)*")


def timeless(text: str) -> str:
    """Without what differs from run to run."""
    for pattern, instead in VARIES:
        text = pattern.sub(instead, text)
    return text


async def written(stage: Stage) -> str:
    """The open topic as text."""
    blocks = list[str]()
    for message in await stage.page.evaluate(READ):
        text = timeless(message["text"])
        if _QUICK.fullmatch(text):
            continue
        quoted = message["quoted"].replace("\n", " ")
        head = f"── {message['who']}" + (f" ↩ {quoted}" if quoted else "")
        keys = ["  ".join(f"[{key}]" for key in row) for row in message["keys"]]
        blocks.append("\n".join([head, text, *keys]))
    return "\n\n".join(blocks) + "\n"


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
async def test_a_conversation_is_as_it_was_found_good(scene: Scene) -> None:
    """Each word, mark, button and their order."""
    shown = list[str]()

    async def show(stage: Stage, name: str) -> None:
        shown.append(await written(stage))

    async with sandbox() as address:
        await scene(address, show)
    assert_golden(f"conversations/{scene.__name__}.txt", shown[0])
