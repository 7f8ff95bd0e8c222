"""What happened in a run and why, in sentences with numbers, from the stored files alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gdrun.analysis.diagnosis import Finding, findings, history
from gdrun.experiment.explanation.circumstances import Circumstances, circumstances, curvature_at_end
from gdrun.experiment.explanation.ended import Ended, ended
from gdrun.experiment.explanation.predicted import rates_measured
from gdrun.experiment.explanation.reasons import REASONS, of_units
from gdrun.experiment.explanation.units import troubles
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.reading import FAILED
from gdrun.experiment.trained import DIVERGED


@dataclass
class Explanation:
    """Sentences: what happened, why, what was predicted and measured, what to try; and what could not be told."""

    happened: list[str] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    measured: list[str] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    """Of the troubles that were found."""


def explain(folder: Folder, row: Mapping[str, str]) -> Explanation:
    """Explain one run by its line in runs.csv."""
    run, told = ended(folder, row), Explanation()
    if row["status"] == FAILED:
        told.happened.append(f"it failed: {row['cause']}")
        return told
    if run.missing:
        told.notes.append(run.missing)
    known = circumstances(run) if run.problem else None
    noisy = known.noisy if known else row.get("descent.variant", "batch") != "batch"
    of = history(run.records, row["status"], noisy, _lowest(run.records))
    if of is None:
        told.notes.append("its history is not there: --rerun makes it again")
        return told
    found = findings(of)
    told.happened += [finding.text for finding in found]
    told.codes += [finding.code for finding in found if finding.trouble]
    if known:
        _explain(told, run, known, found)
    told.happened = told.happened or [f"it {row['status']}, and nothing stands out"]
    return told


def _explain(told: Explanation, run: Ended, known: Circumstances, found: list[Finding]) -> None:
    for finding in found:
        reasons, advice = REASONS[finding.code](known)
        told.why += reasons
        told.advice += advice
    told.measured += rates_measured(run, known, found)
    told.notes += known.foresight.notes
    told.measured += _curvature_moved(run, known)
    for trouble in troubles(run):
        told.codes.append(trouble.code)
        told.happened.append(trouble.text)
        reasons, advice = of_units(known) if trouble.code in ("dead", "saturated") else ([], [])
        told.why += [reason for reason in reasons if reason not in told.why]
        told.advice += [*advice, trouble.advice]


def _curvature_moved(run: Ended, known: Circumstances) -> Iterator[str]:
    """How the curvature of a loss that is not quadratic or convex has changed, where the end is worth a look."""
    seen = known.foresight.curvature
    if seen is None or seen.validity != "local" or run.row["status"] == DIVERGED:
        return
    end = curvature_at_end(run)
    if end is not None:
        yield (
            f"the largest curvature was {seen.L:.4g} at the start (2/L {seen.stable_rate:.3g}),"
            f" and is {end.L:.4g} at the end (2/L {end.stable_rate:.3g})"
        )


def _lowest(records: list[dict[str, Any]]) -> float | None:
    first = records[0] if records else {}
    above = first.get("excess_loss")
    return None if above is None else float(first["train_loss"] - above)
