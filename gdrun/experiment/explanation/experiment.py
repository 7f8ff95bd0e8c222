"""What many runs show together: how they ended, the edge of divergence beside the predicted one, what matters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite, log10

from gdrun.analysis.diagnosis.effects import main_effects
from gdrun.analysis.prediction.conditions import edge_kind
from gdrun.experiment.comparison import read
from gdrun.experiment.explanation.circumstances import circumstances
from gdrun.experiment.explanation.ended import ended
from gdrun.experiment.explanation.survey import Survey
from gdrun.experiment.results.arrays import ReadError
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.reading import FAILED

LR = "optimizer.lr"
MOST = 4
"""Kinds of runs whose edge is computed."""
MATTERS = 0.05
Row = Mapping[str, str]


def explain_all(folder: Folder, survey: Survey | None = None) -> list[str]:
    """Sentences about the runs of the last comparison, or about all."""
    rows = folder.rows()
    try:
        compared = read(folder)
    except ReadError:
        compared = None
    chosen = [rows[run] for run in dict.fromkeys(run["id"] for run in compared.runs) if run in rows] if compared else []
    chosen = chosen or list(rows.values())
    if not chosen:
        return []
    counts = Counter(row["status"] for row in chosen)
    total = f"{len(chosen)} runs: " + ", ".join(f"{count} {status}" for status, count in counts.most_common())
    varied = [name for name in _settings(chosen[0]) if len({row[name] for row in chosen}) > 1]
    return [total, *_edges(folder, chosen, varied, survey or Survey()), *_effects(chosen, varied)]


def _settings(row: Row) -> list[str]:
    """The columns of runs.csv that are settings: between the cause and the outcome."""
    names = list(row)
    end = names.index("end_epoch") if "end_epoch" in names else names.index("seconds")
    return names[names.index("cause") + 1 : end]


def _edges(folder: Folder, rows: Sequence[Row], varied: Sequence[str], survey: Survey) -> Iterator[str]:
    """Of runs that differ in rate and seed alone: to where none diverged, from where some did; the predicted edge."""
    others = [name for name in varied if name not in (LR, "seed", "dataset.seed")]
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in others), []).append(row)
    swept = {key: group for key, group in groups.items() if len({row[LR] for row in group}) > 1}
    for key, group in list(swept.items())[:MOST]:
        named = " · ".join(f"{name} {text}" for name, text in zip(others, key, strict=True) if text)
        edge = _measured_edge(group) + _predicted_edge(folder, group[0], survey)
        yield f"{named or group[0]['optimizer.kind']}: {edge}"
    if len(swept) > MOST:
        yield f"{len(swept) - MOST} more kinds of runs differ in their rates alone: their edges were not computed"


def _measured_edge(group: Sequence[Row]) -> str:
    bad = sorted({float(row[LR]) for row in group if row["status"] == "diverged"})
    good = sorted({float(row[LR]) for row in group if row["status"] not in ("diverged", FAILED)} - set(bad))
    if not bad:
        return f"none diverged, up to lr {good[-1]:g}" if good else "all failed"
    below = [rate for rate in good if rate < bad[0]]
    return f"runs diverged from lr {bad[0]:g} on" + (f", none up to {below[-1]:g}" if below else "")


def _predicted_edge(folder: Folder, row: Row, survey: Survey) -> str:
    run = ended(folder, row, (), survey.sources)
    if run.problem is None:
        return f"; {run.missing}"
    known = circumstances(run, survey)
    seen, predicted = known.foresight.curvature, known.foresight.prediction
    if seen is None or predicted is None or not isfinite(known.edge):
        return "; no edge is predicted"
    if known.adaptive:
        return f"; no edge is predicted: {predicted.reason}"
    kind = {
        "exact": "",
        "bound": ", a bound below which all are stable",
        "alike": ", as of a quadratic so curved",
        "local": ", from the curvature at the start",
    }[edge_kind(seen, known.optimizer)]
    return f"; predicted above {known.edge:.4g}{kind}"


def _effects(rows: Sequence[Row], varied: Sequence[str]) -> Iterator[str]:
    """How much of the variance of the final loss each setting explains."""
    measured = "final_validation_loss" if any(row.get("final_validation_loss") for row in rows) else "final_train_loss"
    usable = [row for row in rows if row["status"] not in ("diverged", FAILED) and row.get(measured)]
    usable = [row for row in usable if float(row[measured]) > 0 and isfinite(float(row[measured]))]
    if len(usable) < 4:
        return
    outcomes = [log10(float(row[measured])) for row in usable]
    settings = [{name: row[name] for name in varied if row[name]} for row in usable]
    left = len(rows) - len(usable)
    without = f", {left} runs that diverged, failed or reached 0 left out" if left else ""
    found = main_effects(outcomes, settings)
    said = [effect for effect in found if effect.share >= MATTERS]
    for effect in said:
        loss = 10 ** effect.means[effect.best]
        yield (
            f"{effect.name} explains {effect.share:.0%} of the variance of log {measured}{without};"
            f" lowest at {_short(effect.best)}, {loss:.4g} in the geometric mean"
        )
    small = [effect.name for effect in found if effect.share < MATTERS]
    if small:
        yield f"less than {MATTERS:.0%} each by itself: {', '.join(small)}"


def _short(text: str) -> str:
    try:
        return f"{float(text):.4g}"
    except ValueError:
        return text
