"""`gdrun textbook`: what is said of gradient descent, run, measured and drawn."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gdrun.analysis.expecting import Judged
from gdrun.cli.exits import Exit, UsageError, worst
from gdrun.cli.words import plain
from gdrun.experiment.gallery import summary
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.textbook import Claim, Demonstration, claims

WIDTH = 100
FILE = "textbook.html"


@dataclass(frozen=True)
class Shown:
    """A demonstration that was run: what was measured, and its pictures."""

    demonstration: Demonstration
    judged: Sequence[Judged]
    pictures: Sequence[Path]


def list_claims() -> None:
    """Print what is said, a line each."""
    for claim in claims().values():
        print(plain(f"{claim.number:2}  {textwrap.shorten(claim.said, WIDTH, placeholder=' …')}"))


def wanted(number: int | None, everything: bool, report: bool) -> list[int]:
    """The numbers of the claims that are asked for; none where they are to be listed. Raises UsageError."""
    if number is not None and everything:
        raise UsageError("a claim's number or --all: one of the two")
    if report and number is None and not everything:
        raise UsageError("--report is of what was run: name a claim's number, or --all")
    if number is not None and number not in claims():
        raise UsageError(f"no claim {number}: they go from {min(claims())} to {max(claims())}")
    return list(claims()) if everything else [] if number is None else [number]


def show_claims(numbers: Sequence[int], results: Path, quiet: bool, report: bool) -> Exit:
    """Run the experiments of some claims, and say what is said, what was measured, and in which sense it is true."""
    codes: list[Exit] = []
    chapters = []
    for claim in (claims()[number] for number in numbers):
        shown = []
        print(plain(_wrapped(f"{claim.number}. ", claim.said)))
        for demonstration in claim.demonstrations:
            print(plain(f"\n{demonstration.name}: {summary(demonstration.config)}"))
            found, code = _shown(demonstration, results, quiet)
            shown.append(found)
            codes.append(code)
        chapters.append((claim, shown))
        print()
        for line in chapter(claim, shown):
            print(plain(line))
        print()
    if report:
        print(plain(f"Report: {_write(chapters, results)}"))
    return worst(codes)


def _write(chapters: Sequence[tuple[Claim, Sequence[Shown]]], results: Path) -> Path:
    """One page of all that was run."""
    from gdrun.experiment.results.writing import write_text
    from gdrun.pictures.report.book import book, page

    pages = [page(claim, [(each.pictures, each.judged) for each in shown]) for claim, shown in chapters]
    path = results / FILE
    write_text(path, book(pages))
    return path


def chapter(claim: Claim, shown: Sequence[Shown]) -> Iterator[str]:
    """What is said, what was measured, in which sense it is true, and where the pictures are."""
    yield _wrapped("What is said: ", claim.said)
    yield "What was measured:"
    for each in shown:
        yield f"  {each.demonstration.name}"
        for line in each.judged:
            yield _wrapped("  - " if line.met else "  ✗ ", line.in_words.text)
    yield _wrapped("In which sense it is true: ", claim.sense)
    yield _wrapped("Pictures: ", ", ".join(str(picture) for each in shown for picture in each.pictures))


def _wrapped(heading: str, text: str) -> str:
    indent = " " * (4 if heading.startswith(" ") else 2)
    return textwrap.fill(text, WIDTH, initial_indent=heading, subsequent_indent=indent, break_on_hyphens=False)


def _shown(demonstration: Demonstration, results: Path, quiet: bool) -> tuple[Shown, Exit]:
    """A demonstration trained or compared, as the commands of that name do, and its pictures, drawn anew."""
    run = _compared if demonstration.compares else _trained
    folder, judged, code = run(demonstration, results, quiet)
    return Shown(demonstration, judged, list(_drawn(demonstration, folder))), code


def _drawn(demonstration: Demonstration, folder: Folder) -> Iterator[Path]:
    """Its picture, or one for each axis."""
    from gdrun.pictures.files import Place, files
    from gdrun.pictures.look import Look
    from gdrun.pictures.scene import scene
    from gdrun.pictures.wish import Wish

    found, kind = scene(folder, None), demonstration.picture
    for axis in demonstration.axes or [None]:
        output = folder.path / f"{kind}-{axis}.png" if axis else None
        yield from files(found, [kind], Look("light", None), Wish(x=axis), Place(folder.path, output=output))


def _compared(demonstration: Demonstration, results: Path, quiet: bool) -> tuple[Folder, Sequence[Judged], Exit]:
    from gdrun.cli.compare import How, compare_one, engine_of
    from gdrun.cli.configs import sweeps
    from gdrun.experiment.sources import Sources
    from gdrun.experiment.work import Wanted

    sources, how = Sources(), How(quiet, None if quiet else "table", allowed=True)
    (plan,) = sweeps([str(demonstration.config)], [], None, sources, quiet)
    together = 1 if demonstration.timed else None  # what trains together shares its seconds
    with engine_of(together, None, quiet) as engine:
        answer, code = compare_one(plan, sources, results, Wanted(most=together), engine, how)
    return Folder(results / plan.sweep.name), answer.judged, code


def _trained(demonstration: Demonstration, results: Path, quiet: bool) -> tuple[Folder, Sequence[Judged], Exit]:
    from gdrun.cli.configs import experiment_folder, load_all
    from gdrun.cli.train import How, train_one
    from gdrun.experiment.problem import pose
    from gdrun.experiment.unfinished.keeper import SECONDS

    (loaded,) = load_all([str(demonstration.config)], None)
    folder = Folder(experiment_folder(loaded, results))
    how = How(quiet, as_json=False, rerun=False, allowed=True, every=SECONDS)
    trained, code = train_one(pose(loaded), folder, how)
    return folder, trained.judged, code
