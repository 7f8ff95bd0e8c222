"""What happened in a run and why, in sentences with numbers, from the stored files alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gdrun.analysis.curvature import Curvature
from gdrun.analysis.diagnosis import Finding, findings, history
from gdrun.experiment.explanation.circumstances import Circumstances, circumstances
from gdrun.experiment.explanation.ended import Ended, ended
from gdrun.experiment.explanation.predicted import rates_measured
from gdrun.experiment.explanation.reasons import REASONS, of_units
from gdrun.experiment.explanation.survey import LATER, Survey
from gdrun.experiment.explanation.units import troubles
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.reading import FAILED
from gdrun.experiment.trained import DIVERGED
from gdrun.experiment.unfinished.underway import UNDERWAY


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
    rests_on: list[str] = field(default_factory=list)
    """What was looked at."""
    unmeasured: list[str] = field(default_factory=list)
    """What might have been, and why it was not."""


def explain(
    folder: Folder,
    row: Mapping[str, str],
    recorded: Sequence[Mapping[str, str]] | None = None,
    survey: Survey | None = None,
) -> Explanation:
    """Explain one run by its line in runs.csv; its history is read unless it is given, as it is for one of many."""
    told, survey = Explanation(), survey or Survey()
    if row["status"] == FAILED:
        told.happened.append(f"it failed: {row['cause']}")
        return told
    run = ended(folder, row, recorded, survey.sources)
    if row["status"] == UNDERWAY:
        told.happened.append(_so_far(run))
        return told
    if run.missing:
        told.notes.append(run.missing)
    known = circumstances(run, survey) if run.problem else None
    noisy = known.noisy if known else row.get("descent.variant", "batch") != "batch"
    of = history(run.records, row["status"], noisy, _lowest(run.records))
    if of is None:
        told.notes.append("its history is not there: --rerun makes it again")
        return told
    found = findings(of)
    told.rests_on.append(f"its {len(of.step)} records")
    told.happened += [finding.text for finding in found]
    told.codes += [finding.code for finding in found if finding.trouble]
    if known:
        _explain(told, run, known, found, survey)
    told.happened = told.happened or [f"it {row['status']}, and nothing stands out"]
    return told


def _so_far(run: Ended) -> str:
    """Of a run that has not ended."""
    last = run.records[-1]
    return f"it has not ended: {last['train_loss']:.4g} is its training loss at step {last['step']:,}"


def _explain(told: Explanation, run: Ended, known: Circumstances, found: list[Finding], survey: Survey) -> None:
    _look(told, known)
    for finding in found:
        reasons, advice = REASONS[finding.code](known)
        told.why += reasons
        told.advice += advice
    told.measured += rates_measured(run, known, found)
    told.notes += known.foresight.notes
    told.measured += _curvature_moved(told, run, known, survey)
    for trouble in troubles(run, survey):
        told.codes.append(trouble.code)
        told.happened.append(trouble.text)
        reasons, advice = of_units(known) if trouble.code in ("dead", "saturated") else ([], [])
        told.why += [reason for reason in reasons if reason not in told.why]
        told.advice += [*advice, trouble.advice]


def _look(told: Explanation, known: Circumstances) -> None:
    """Say what of the start was measured."""
    seen = known.foresight
    if seen.notes == LATER.notes and seen.curvature is None:
        told.unmeasured.append("the curvature at its start: other runs took the time")
    lowest = seen.optimum is not None and seen.optimum.exists
    for there, words in ((seen.curvature, "curvature"), (lowest, "lowest loss"), (seen.noise, "gradient noise")):
        if there:
            told.rests_on.append(f"the {words}" if words == "lowest loss" else f"the {words} at its start")


def _curvature_moved(told: Explanation, run: Ended, known: Circumstances, survey: Survey) -> Iterator[str]:
    """How the curvature of a loss that is not quadratic or convex has changed, where the end is worth a look."""
    seen = known.foresight.curvature
    if seen is None or seen.validity != "local" or run.row["status"] == DIVERGED:
        return
    end, why_not = _curvature_at_end(run, survey)
    if end is None:
        told.unmeasured.append(f"the curvature at its end: {why_not}")
        return
    told.rests_on.append("the curvature at its end")
    yield (
        f"the largest curvature was {seen.L:.4g} at the start (2/L {seen.stable_rate:.3g}),"
        f" and is {end.L:.4g} at the end (2/L {end.stable_rate:.3g})"
    )


def _curvature_at_end(run: Ended, survey: Survey) -> tuple[Curvature | None, str]:
    """The curvature at the last parameters, or why it is not known."""
    if run.problem is None or run.final is None:
        return None, "its weights were not kept"
    if not survey.open:
        return None, "other runs took the time"
    try:
        return survey.curvature_at(run.problem, run.final), "it would take longer to compute than is worth it here"
    except FloatingPointError as error:
        return None, str(error)


def _lowest(records: list[dict[str, Any]]) -> float | None:
    first = records[0] if records else {}
    above = first.get("excess_loss")
    return None if above is None else float(first["train_loss"] - above)
