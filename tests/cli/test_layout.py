"""Tables on terminals that are too narrow for them: nothing is cut, every block says which rows it is about."""

from __future__ import annotations

import pytest

from gdrun.cli.layout import blocks, column, fold, printed

LABEL = "a label of some length that says everything"
COLUMNS = [
    column("rank", ["1", "2"], True),
    column("candidate", [LABEL, "gd"], False),
    column("final validation loss, 95 % interval", ["0.0955 [0.0849, 0.1062]", "0.1319 [0.0614, 0.2024]"], False),
    column("seeds", ["3", "12"], True),
]


def text(width: int | None) -> list[list[str]]:
    return [[*heading, *rows] for heading, rows in map(printed, blocks(COLUMNS, 2, width))]


def test_what_has_room_is_one_line_per_row() -> None:
    wide = [
        "rank  candidate                                    final validation loss, 95 % interval  seeds",
        f"   1  {LABEL}  0.0955 [0.0849, 0.1062]                   3",
        "   2  gd                                           0.1319 [0.0614, 0.2024]                  12",
    ]
    assert text(None) == text(94) == [wide]


def test_headings_and_words_are_folded_numbers_are_not() -> None:
    assert text(93) == [
        [
            "rank  candidate               final validation loss,   seeds",
            "                              95 % interval",
            "   1  a label of some length  0.0955 [0.0849, 0.1062]      3",
            "      that says everything",
            "   2  gd                      0.1319 [0.0614, 0.2024]     12",
        ]
    ]


def test_what_has_no_room_beside_it_goes_on_below() -> None:
    first, second = text(49)
    assert first == [
        "rank  candidate         final validation loss,",
        "                        95 % interval",
        "   1  a label of some   0.0955 [0.0849, 0.1062]",
        "      length that says",
        "      everything",
        "   2  gd                0.1319 [0.0614, 0.2024]",
    ]
    assert second == [
        "rank  candidate          seeds",
        "   1  a label of some …      3",
        "   2  gd                    12",
    ]


@pytest.mark.parametrize("width", range(1, 100, 7))
def test_no_cell_is_lost_at_any_width(width: int) -> None:
    found = " ".join(" ".join(lines) for lines in text(width))
    for cell in ("0.0955 [0.0849, 0.1062]", "0.1319 [0.0614, 0.2024]", "12", *LABEL.split()):
        assert cell in found
    room = max(width, 50)  # a key column and one other have to be there
    assert all(len(line) <= room for lines in text(width) for line in lines)


def test_words_that_are_too_long_are_broken() -> None:
    assert fold("one twothreefour", 5) == ("one", "twoth", "reefo", "ur")
    assert fold("漢字漢字 a", 4) == ("漢字", "漢字", "a")
