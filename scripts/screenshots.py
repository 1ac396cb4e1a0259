"""`make screenshots`: the pictures in `docs/images/`, taken while a newcomer's walks through the sandbox are done."""

import asyncio

from scripts.scenes import SCENES
from scripts.stage import ROOT, Stage, sandbox

IMAGES = ROOT / "docs" / "images"
MAX_BYTES = 300_000


async def picture(stage: Stage, name: str) -> None:
    """Write what the page shows. ValueError if the file got too large for a repository."""
    image = await stage.page.screenshot(path=IMAGES / f"{name}.png", animations="disabled")
    print(f"docs/images/{name}.png: {len(image) // 1000} kB")
    if len(image) > MAX_BYTES:
        raise ValueError(f"{name}.png has {len(image)} bytes; {MAX_BYTES} are allowed")


async def main() -> None:
    """Play every scene."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for scene in SCENES:
        async with sandbox() as address:
            await scene(address, picture)


if __name__ == "__main__":
    asyncio.run(main())
