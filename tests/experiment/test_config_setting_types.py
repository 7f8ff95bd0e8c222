"""Settings of types that no part has so far: their errors and defaults."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from gdrun.descent.optimizers import Optimizer
from gdrun.descent.parts import Numbers, setting
from tests.experiment.config_cases import IRIS, errors, read, with_line


@dataclass(frozen=True)
class MadeUp(Optimizer):
    """Settings of types that no optimizer has so far."""

    lr: Numbers = setting(1, above=0, help="a whole number as default of any number")
    pair: tuple[float, float] = setting((1, 2), at_least=0, help="two numbers")
    widths: int | tuple[int, ...] = setting(3, at_least=1, help="one or several")
    table: tuple[tuple[float, ...], ...] = setting((), help="a matrix")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("pair: [1]", "pair: must be a list of 2 numbers, not a list of 1"),
        ("pair: [1, 2, 3]", "pair: must be a list of 2 numbers, not a list of 3"),
        ("pair: [1, -2]", "pair[1]: must be at least 0"),
        ("pair: 1", "pair: must be a list of 2 numbers, not 1"),
        ("widths: [1, a]", "widths[1]: must be a whole number, not 'a'"),
        ("widths: a", "widths: must be a whole number or a list of whole numbers, not 'a'"),
        ("widths: 0", "widths: must be at least 1"),
        ("widths: [0]", "widths[0]: must be at least 1"),
        ("table: [[1, x], 2]", "table[0][1]: must be a number, not 'x'"),
        ("table: [1]", "table[0]: must be a list of numbers, not 1: write [1]"),
        ("table: x", "table: must be a list of lists of numbers, not 'x'"),
    ],
)
def test_errors_of_any_type_of_setting(settings: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(Optimizer.kinds, "made_up", MadeUp)
    found = errors(with_line(IRIS, optimizer=f"{{kind: made_up, {settings}}}"))
    assert found[0].partition(": optimizer.")[2] == expected


def test_defaults_have_the_type_of_their_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(Optimizer.kinds, "made_up", MadeUp)
    found = read(with_line(IRIS, optimizer="made_up")).config.optimizer.settings()
    assert (repr(found["lr"]), repr(found["pair"])) == ("1.0", "(1.0, 2.0)")
