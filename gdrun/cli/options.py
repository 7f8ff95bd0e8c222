"""The arguments and options of all commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from gdrun.cli import completion


def gigabytes(text: str) -> float:
    """An amount of memory in GB. Raises BadParameter."""
    try:
        found = float(text)
    except ValueError:
        raise typer.BadParameter(f"must be a number of GB, such as 4 or 0.5, not {text!r}") from None
    if not 0.001 <= found < 1e9:
        raise typer.BadParameter(f"must be a number of GB, at least 0.001, not {text!r}")
    return found


def the_test_set(text: str) -> str:
    """The one part of the data that can be reported on beside. Raises BadParameter."""
    if text != "test":
        raise typer.BadParameter(f"must be test, not {text!r}: nothing else is held back from choosing")
    return text


Configs = Annotated[
    list[str],
    typer.Argument(
        metavar="CONFIG… [KEY=VALUE…]",
        help="YAML files, - for stdin, and overrides such as optimizer.lr=0.1",
        autocompletion=completion.configs,
    ),
]
Results = Annotated[
    Path,
    typer.Option("--results", envvar="GDRUN_RESULTS", metavar="DIR", file_okay=False, help="where results are kept"),
]
Name = Annotated[str | None, typer.Option("--name", help="the experiment's name, instead of the config's")]
Memory = Annotated[
    float | None, typer.Option("--memory", parser=gigabytes, metavar="GB", help="for runs that train together")
]
Checkpoint = Annotated[
    float, typer.Option("--checkpoint", min=0, metavar="SECONDS", help="between two savings of what trains")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="no progress; errors only")]
Experiment = Annotated[
    str,
    typer.Argument(
        metavar="EXPERIMENT/RUN",
        help="RUN: the beginning of an id, last or best",
        autocompletion=completion.runs,
    ),
]
Debug = Annotated[bool, typer.Option("--debug", help="show the traceback of an internal error")]
PerRun = Annotated[Literal["table", "json"], typer.Option("--format", help="json: one object per run on stdout")]
Rerun = Annotated[bool, typer.Option("--rerun", help="train again what was trained already")]
AllowDiverged = Annotated[bool, typer.Option("--allow-diverged", help="a diverged run ends with code 0, not 3")]
RowsWanted = Annotated[str, typer.Option("--rows", metavar="KEY,…", help="what is compared; the rest is tuned")]
Criterion = Annotated[str | None, typer.Option("--criterion", help="column of runs.csv to rank by")]
ReportOn = Annotated[
    str | None, typer.Option("--report-on", parser=the_test_set, metavar="test", help="show the test result too")
]
Confirm = Annotated[int, typer.Option("--confirm", min=0, metavar="K", help="rank anew on K fresh seeds")]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", envvar="GDRUN_JOBS", min=1, metavar="N", help="processes; left out: as many as pay"),
]
Cluster = Annotated[
    str | None,
    typer.Option("--cluster", envvar="GDRUN_CLUSTER", metavar="ADDRESS", help="a Dask cluster, tcp://host:8786"),
]
TableFormat = Annotated[
    Literal["table", "csv", "json", "md", "latex"], typer.Option("--format", help="how to print it")
]
ShardWanted = Annotated[str | None, typer.Option("--shard", metavar="I/N", help="train the I-th of N parts, from 0")]
AllDiverged = Annotated[bool, typer.Option("--allow-diverged", help="code 0 even if every run diverged")]
Source = Annotated[
    str,
    typer.Argument(metavar="[NAME]", help="a config of the gallery, or a CSV file", autocompletion=completion.gallery),
]
TargetColumn = Annotated[str | None, typer.Option("--target", help="the CSV file's column to predict")]
ConfigFile = Annotated[Path | None, typer.Option("--output", "-o", help="the file to write; - for stdout")]
Force = Annotated[bool, typer.Option("--force", help="overwrite a file that is there")]
ListGallery = Annotated[bool, typer.Option("--list", help="list the gallery")]
Shown = Annotated[
    str | None,
    typer.Argument(metavar="[EXPERIMENT[/RUN]]", help="left out: all experiments", autocompletion=completion.runs),
]
SortBy = Annotated[
    str | None, typer.Option("--sort-by", metavar="COLUMN", help="a column of runs.csv; -COLUMN: descending")
]
Top = Annotated[int | None, typer.Option("--top", min=1, metavar="N", help="so many rows or runs only")]
TopRows = Annotated[int | None, typer.Option("--top", min=1, metavar="N", help="print so many rows only")]
Stack = Annotated[int | None, typer.Option("--stack", min=1, metavar="N", help="train at most N runs at once")]
OnlyChanged = Annotated[bool, typer.Option("--only-changed", help="leave out columns that are the same in all runs")]
Whole = Annotated[bool, typer.Option("--all", help="all runs ever made, not the last comparison")]
Drawn = Annotated[str, typer.Argument(metavar="EXPERIMENT[/RUN]", help="the last comparison, or one run")]
Kinds = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[KIND…]",
        help="curves, sensitivity, heatmap, batch, surface, boundary, fit, animation; left out: what suits",
    ),
]
PictureFile = Annotated[Path | None, typer.Option("--output", "-o", help="the file, for one picture")]
Style = Annotated[Literal["light", "dark", "slides"], typer.Option("--style", help="colours and size")]
PictureFormat = Annotated[
    Literal["png", "svg", "pdf", "gif", "mp4"] | None, typer.Option("--format", help="of the files")
]
Width = Annotated[str | None, typer.Option("--width", metavar="3.3in", help="also cm, mm and pt")]
OpenIt = Annotated[bool, typer.Option("--open", help="show the files")]
Axis = Annotated[
    Literal["epoch", "step", "examples", "seconds"] | None, typer.Option("--x", help="what curves are drawn by")
]
Settings = Annotated[str, typer.Option("--settings", metavar="KEY,KEY", help="the axes of a heatmap")]
OutcomeDrawn = Annotated[str | None, typer.Option("--criterion", help="column of runs.csv, the outcome drawn")]
TargetLoss = Annotated[float | None, typer.Option("--target", metavar="LOSS", help="to be reached, for batch")]
Directions = Annotated[
    Literal["path", "random"], typer.Option("--directions", help="the plane of a surface of many parameters")
]
ThreeD = Annotated[bool, typer.Option("--three-d", help="a surface as a relief")]
Points = Annotated[
    int | None, typer.Option("--points", min=2, max=2000, metavar="N", help="of a surface, along each side")
]
Seconds = Annotated[
    float, typer.Option("--seconds", min=0.1, max=120, help="how long an animation moves; its end stays for 1.5 s more")
]
Fps = Annotated[int, typer.Option("--fps", min=1, max=50, help="its pictures per second")]
Terminal = Annotated[bool, typer.Option("--terminal", help="loss curves in characters, on stdout")]
Reported = Annotated[
    list[str],
    typer.Argument(
        metavar="EXPERIMENT[/RUN]…", help="the last comparison, all runs, or one", autocompletion=completion.runs
    ),
]
PageFile = Annotated[Path | None, typer.Option("--output", "-o", help="the page; left out: with the experiment")]
OpenPage = Annotated[bool, typer.Option("--open", help="show the page")]
ReportToo = Annotated[bool, typer.Option("--report", help="write an HTML report at the end")]
OpenReport = Annotated[bool, typer.Option("--open", help="write it and show it")]
Explained = Annotated[str, typer.Argument(metavar="EXPERIMENT[/RUN]", help="left out: its runs together")]
NewRows = Annotated[
    str, typer.Argument(metavar="FILE", help="new rows: CSV, npz or svmlight, as the training data was")
]
Weights = Annotated[
    Literal["final", "best"], typer.Option("--weights", help="best: of the epoch with the lowest validation loss")
]
Probabilities = Annotated[bool, typer.Option("--probabilities", help="also each class's probability")]
OneObject = Annotated[Literal["table", "json"], typer.Option("--format", help="json: one object on stdout")]
Removed = Annotated[
    str, typer.Argument(metavar="EXPERIMENT[/RUN]", help="what to delete", autocompletion=completion.runs)
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="do not ask")]
Kind = Annotated[str | None, typer.Argument(metavar="[KIND]", help="optimizers, schedules, …, or a part such as adam")]
ClaimNumber = Annotated[int | None, typer.Argument(metavar="[N]", help="the claim's number; left out: list them all")]
EveryClaim = Annotated[bool, typer.Option("--all", help="run all of them")]
Book = Annotated[bool, typer.Option("--report", help="one HTML page of what was run, textbook.html")]
