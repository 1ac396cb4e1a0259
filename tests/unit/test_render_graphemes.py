"""Where a text may be cut, and how wide it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.render.graphemes import clusters, columns, may_cut


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("abc", 3),
        ("é", 1),
        ("e\u0301", 1),
        ("日本", 4),
        ("ＡＢ", 4),
        ("😀", 2),
        ("👨‍👩‍👧", 2),
        ("👍🏽", 2),
        ("🇩🇪", 2),
        ("☀", 1),
        ("☀️", 2),
        ("a\u200bb", 2),
        ("한", 2),
        ("", 0),
    ],
)
def test_columns(text: str, width: int) -> None:
    """Wide characters and emoji take two columns, marks none."""
    assert columns(text) == width


@given(st.text(alphabet=st.sampled_from("ab🇩🇪🇫👨👍🏽\u200d\ufe0f\u0301\u200c日"), max_size=20))
def test_cuts_and_clusters_agree(text: str) -> None:
    """A text may be cut exactly where one visible character ends and the next begins."""
    pieces = list(clusters(text))
    assert "".join(pieces) == text
    starts = {sum(map(len, pieces[:nth])) for nth in range(len(pieces) + 1)}
    assert starts == {index for index in range(len(text) + 1) if may_cut(text, index)}
