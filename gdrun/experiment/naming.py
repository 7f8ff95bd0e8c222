"""What candidates are called before there is a ranking: as the rows of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gdrun.analysis.criteria import Result
from gdrun.analysis.labels import labels, wording
from gdrun.analysis.rows import CANDIDATE, Row, Setting, identity_of, is_structural
from gdrun.experiment.comparing import Cell, Plan, settings_of, values, varying


def candidate_names(found: Plan) -> list[str]:
    """Each candidate's label; without one, what is the same in all its runs and not in those of other candidates."""
    cells: dict[int, list[Cell]] = {at: [] for at in range(len(found.sweep.candidates))}
    for cell in found.cells:
        cells[cell.entry.candidate].append(cell)
    names = varying(found.cells)
    rows = [_row(at, candidate.label, cells[at], names) for at, candidate in enumerate(found.sweep.candidates)]
    return [label.text for label in labels(rows, wording(rows))]


def _row(at: int, label: str | None, cells: Sequence[Cell], names: Sequence[str]) -> Row:
    settings = tuple(_settings(at, label, cells, names))
    swept = varying(cells)
    fixed = {name: value for name, value in settings[0].values.items() if is_structural(name) and name not in swept}
    return Row({CANDIDATE: at, **fixed}, settings)


def _settings(at: int, label: str | None, cells: Sequence[Cell], names: Sequence[str]) -> Iterator[Setting]:
    """As many settings as show every value: the first run's, and for each other value one that has it."""
    first, taken = cells[0], values(cells)
    usual = settings_of(first, names)
    run = Result(at, label, usual, first.problem.config.seed, 0, {"config": first.problem.canonical})
    own = [usual, *(usual | {name: value} for name in names for value in taken.get(name, ()) if name in usual)]
    for described in {identity_of(settings): settings for settings in own}.values():
        yield Setting(at, label, described, {(0, run.seed): run}, identity_of(described), ())
