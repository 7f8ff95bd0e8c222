"""What a ranking's table says in each cell."""

from __future__ import annotations

import pytest

from gdrun.analysis.ranking_words import cells
from gdrun.cli.output import shortened
from tests.analysis.made import ranked, two


@pytest.mark.parametrize(
    ("seeds", "heading", "first", "second"),
    [
        (1, "final validation loss", "0.1", "+0.1"),
        (2, "final validation loss, 95 % interval", "0.1 [0.1, 0.1]", "+0.1 [0.1, 0.1]"),
    ],
)
def test_one_seed_has_no_interval_and_its_heading_claims_none(
    seeds: int, heading: str, first: str, second: str
) -> None:
    found = ranked(two([0.1] * seeds, [0.2] * seeds))
    best, other = (cells(row, found) for row in found.rows)
    assert best[heading] == first
    assert next(text for name, text in other.items() if name.startswith("against the winner")).startswith(second)


@pytest.mark.parametrize(
    ("text", "shown"), [("+0.4165123", "+0.41651"), ("-0.4165123", "-0.41651"), ("12345678", "12345678"), ("", "")]
)
def test_a_number_in_a_table_keeps_its_sign(text: str, shown: str) -> None:
    assert shortened(text) == shown
