"""What is spoken becomes words before its agent gets it: stored, and shown to who spoke."""

from collections.abc import Mapping
from dataclasses import replace

from orchestrator.app.lane import Lane
from orchestrator.domain.notices import Transcribed
from orchestrator.domain.records import Turn
from orchestrator.domain.states import TERMINAL_STATES, TurnState
from storage import outbox, prompts, turns


async def heard(lane: Lane, turn: Turn, words: Mapping[int, str]) -> Turn:
    """The turn with what was said in place of its stand-ins. Done beside the lane, which may go on meanwhile.

    It is stored before the agent gets it, so that it is written down once whatever happens.
    """
    prompt, files = turn.prompt, list(turn.files)
    for nth, said in words.items():
        stand_in = files[nth].stand_in
        prompt = prompt.replace(stand_in, said, 1) if stand_in in prompt else f"{prompt}\n\n{said}".strip()
        files[nth] = replace(files[nth], heard=True)
    changed = replace(turn, prompt=prompt, files=tuple(files))
    async with lane.kit.db.transaction() as tx:
        stored = await turns.get(tx, turn.id)
        await prompts.set_prompt(tx, changed)
        letters = []
        if stored is not None and stored.state not in TERMINAL_STATES and stored.state is not TurnState.STOPPING:
            told = lane.kit.composer.compose(Transcribed(turn=changed, words="\n\n".join(words.values())))
            letters = [await outbox.add(tx, letter, lane.kit.clock()) for letter in told]
    lane.kit.post.put(letters)
    return changed
