"""The line framer."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from cli_runner.lines import Framed, Line, LineFramer, Overlong


def framed(chunks: list[bytes], *, max_line_bytes: int = 300) -> list[Framed]:
    """The lines of a stream that comes in these chunks."""
    framer = LineFramer(max_line_bytes=max_line_bytes)
    return [line for chunk in chunks for line in framer.push(chunk)] + framer.flush()


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """The data, cut at these places."""
    at = sorted({place % (len(data) + 1) for place in places})
    return [data[a:b] for a, b in zip([0, *at], [*at, len(data)], strict=True)]


def test_lines_end_at_either_line_end_and_the_last_needs_none() -> None:
    """`\\n` and `\\r\\n` end a line; what follows the last one is a line too."""
    assert framed([b"a\r\nb\n\nc"]) == [Line(b"a"), Line(b"b"), Line(b""), Line(b"c")]


def test_a_line_of_exactly_the_limit_is_kept() -> None:
    """The limit itself is allowed, one byte more is not."""
    assert framed([b"x" * 300 + b"\n" + b"y" * 301 + b"\n"]) == [
        Line(b"x" * 300),
        Overlong(size=301, excerpt=b"y" * 200),
    ]


@given(
    st.lists(st.binary(max_size=40) | st.integers(0, 900).map(lambda n: b"z" * n), max_size=12),
    st.lists(st.integers(0, 10_000), max_size=30),
)
def test_any_chunking_gives_the_same_lines(lines: list[bytes], places: list[int]) -> None:
    """Where the chunks are cut changes nothing."""
    data = b"\n".join(lines)
    assert framed(cut(data, places)) == framed([data])


def test_a_giant_line_costs_no_memory_and_one_report() -> None:
    """50 MB without a line end are skipped with bounded memory; the next line is read."""
    framer = LineFramer(max_line_bytes=2**20)
    chunk = b"x" * 2**16
    tracemalloc.start()
    reports = [line for _ in range(800) for line in framer.push(chunk)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert reports == []
    assert peak < 4 * 2**20
    assert framer.push(b"\nnext\n") == [Overlong(size=800 * 2**16, excerpt=b"x" * 200), Line(b"next")]
