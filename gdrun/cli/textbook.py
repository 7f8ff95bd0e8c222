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
    """A demonstration that was run: what was measured, and its picture."""

    demonstration: Demonstration
    folder: Folder
    judged: Sequence[Judged]
    picture: Path


def list_claims() -> None:
    """Print what is said, a line each."""
    for claim in claims().values():
        print(plain(f"{claim.number:2}  {textwrap.shorten(claim.said, WIDTH, placeholder=' …')}"))


def show_claims(numbers: Sequence[int], results: Path, quiet: bool, report: bool) -> Exit:
    """Run the experiments of some claims, and say what is said, what was measured, and in which sense it is true."""
    codes: list[Exit] = []
    chapters = []
    for claim in map(claim_of, numbers):
        shown = []
        print(plain(_wrapped(f"{claim.number}. ", claim.said)))
        for demonstration in claim.demonstrations:
            print(plain(f"\n{demonstration.name}: {summary(demonstration.config)}"))
            codes.append(_run(demonstration, results, quiet))
            shown.append(_shown(demonstration, results))
        chapters.append((claim, shown))
        print()
        for line in chapter(claim, shown):
            print(plain(line))
    if report:
        print(plain(f"Report: {_write(chapters, results)}"))
    return worst(codes)


def _write(chapters: Sequence[tuple[Claim, Sequence[Shown]]], results: Path) -> Path:
    """One page of all that was run."""
    from gdrun.experiment.results.writing import write_text
    from gdrun.pictures.report.book import book, page

    pages = [page(claim, [(each.picture, each.judged) for each in shown]) for claim, shown in chapters]
    path = results / FILE
    write_text(path, book(pages))
    return path


def claim_of(number: int) -> Claim:
    """The claim of that number. Raises UsageError."""
    if number not in claims():
        raise UsageError(f"no claim {number}: they go from {min(claims())} to {max(claims())}")
    return claims()[number]


def chapter(claim: Claim, shown: Sequence[Shown]) -> Iterator[str]:
    """What is said, what was measured, in which sense it is true, and where the pictures are."""
    yield _wrapped("What is said: ", claim.said)
    yield "What was measured:"
    for each in shown:
        for line in each.judged:
            yield _wrapped("  - " if line.met else "  ✗ ", f"{each.demonstration.name}: {line.text}")
    yield _wrapped("In which sense it is true: ", claim.sense)
    yield "Pictures: " + ", ".join(str(each.picture) for each in shown)


def _wrapped(heading: str, text: str) -> str:
    indent = " " * (4 if heading.startswith(" ") else 2)
    return textwrap.fill(text, WIDTH, initial_indent=heading, subsequent_indent=indent)


def _compares(demonstration: Demonstration) -> bool:
    from gdrun.experiment.config import read_source

    node = read_source(demonstration.config)[1].entries.get("compare")
    return node is not None and node.value is not None


def _run(demonstration: Demonstration, results: Path, quiet: bool) -> Exit:
    """Train or compare, as the commands of that name do."""
    config = [str(demonstration.config)]
    if _compares(demonstration):
        from gdrun.cli.compare import compare_all, engine_of
        from gdrun.experiment.work import Wanted

        engine = engine_of(None, None, quiet)
        return compare_all(config, None, results, Wanted(), engine, quiet=quiet, style="table", allowed=True)
    from gdrun.cli.train import How, train_all
    from gdrun.experiment.unfinished.keeper import SECONDS

    return train_all(config, None, results, How(quiet, False, False, allowed=True, every=SECONDS))


def _shown(demonstration: Demonstration, results: Path) -> Shown:
    """What the files hold of a demonstration that was run, and its picture, drawn anew."""
    from gdrun.pictures.files import Place, files
    from gdrun.pictures.look import Look
    from gdrun.pictures.scene import scene
    from gdrun.pictures.wish import Wish

    folder, judged = _judged(demonstration, results)
    found = scene(folder, None)
    (picture,) = files(found, [demonstration.picture], Look("light", None), Wish(x=demonstration.x), Place(folder.path))
    return Shown(demonstration, folder, judged, picture)


def _judged(demonstration: Demonstration, results: Path) -> tuple[Folder, Sequence[Judged]]:
    """Its folder, and what it expects held against what came; everything is trained already."""
    from gdrun.cli.configs import experiment_folder, load_all, sweeps
    from gdrun.experiment.conducting import conduct
    from gdrun.experiment.problem import pose
    from gdrun.experiment.sources import Sources
    from gdrun.experiment.trained import train_kept
    from gdrun.experiment.work import Wanted

    sources = Sources()
    if not _compares(demonstration):
        (loaded,) = load_all([str(demonstration.config)], None)
        folder = Folder(experiment_folder(loaded, results))
        return folder, train_kept(pose(loaded, sources), folder).judged
    (plan,) = sweeps([str(demonstration.config)], [], None, sources)
    folder = Folder(results / plan.sweep.name)
    return folder, conduct(plan, folder, sources, Wanted()).judged
