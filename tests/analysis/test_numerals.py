"""Numbers as people read them, against rounding by hand."""

import pytest

from gdrun.analysis.numerals import amount, duration, size


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.25, "0.25"),
        (43, "43"),
        (999, "999"),
        (999.4, "999"),
        (999.5, "1 k"),
        (1000, "1 k"),
        (43_210, "43.2 k"),
        (999_499, "999 k"),
        (999_500, "1 M"),
        (999_999.9, "1 M"),
        (1_125_000, "1.12 M"),
        (999_499_999, "999 M"),
        (999_500_000, "1 G"),
        (999_499_999_999, "999 G"),
        (999_500_000_000, "1 T"),
        (float("inf"), "-"),
        (float("nan"), "-"),
    ],
)
def test_an_amount_has_three_digits_and_a_unit(value: float, text: str) -> None:
    assert amount(value) == text


@pytest.mark.parametrize(
    ("held", "text"),
    [(0, "0 B"), (999.4, "999 B"), (999.6, "1 kB"), (999_600, "1 MB"), (2.5e9, "2.5 GB"), (1e12, "1 TB")],
)
def test_bytes_have_a_unit(held: float, text: str) -> None:
    assert size(held) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (125, "2 min 5 s"),
        (3599.6, "1 h 0 min"),
        (11520, "3 h 12 min"),
    ],
)
def test_a_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text
