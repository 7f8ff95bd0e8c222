"""All commands; each imports what it needs when it runs, so that help is instant."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from gdrun.cli.exits import Exit, guarded, mute_unread

app = typer.Typer(
    name="gdrun",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Configs = Annotated[
    list[str],
    typer.Argument(
        metavar="CONFIG… [KEY=VALUE…]", help="YAML files, - for stdin, and overrides such as optimizer.lr=0.1"
    ),
]
Results = Annotated[Path, typer.Option("--results", metavar="DIR", help="where results are kept")]
Name = Annotated[str | None, typer.Option("--name", help="the experiment's name, instead of the config's")]
Memory = Annotated[float | None, typer.Option("--memory", min=0.001, metavar="GB", help="for a tile of runs")]
Checkpoint = Annotated[
    float, typer.Option("--checkpoint", min=0, metavar="SECONDS", help="between two savings of what trains")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="no progress; errors only")]
Experiment = Annotated[str, typer.Argument(metavar="EXPERIMENT/RUN", help="RUN: the beginning of an id, last or best")]
DEFAULT_RESULTS = Path("results")
SECONDS = 30.0

BEGINNING = """gdrun runs gradient-descent experiments. Three commands to begin with:

  gdrun init                 write a first config, quickstart.yaml
  gdrun train quickstart.yaml    train it; the loss history goes to results/
  gdrun list                 see all optimizers, schedules, models and datasets

gdrun --help shows the other commands."""


def version(wanted: bool) -> None:
    """Print the version and leave."""
    if wanted:
        from gdrun import __version__

        typer.echo(f"gdrun {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="show the traceback of an internal error")] = False,
    show_version: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="print the version")
    ] = False,
) -> None:
    """Run gradient-descent experiments: train, look, predict."""
    if context.invoked_subcommand is None:
        typer.echo(BEGINNING)


@app.command()
@guarded
def train(
    configs: Configs,
    name: Name = None,
    results: Results = DEFAULT_RESULTS,
    quiet: Quiet = False,
    output: Annotated[
        Literal["table", "json"], typer.Option("--format", help="json: one object per run on stdout")
    ] = "table",
    rerun: Annotated[bool, typer.Option("--rerun", help="train again what was trained already")] = False,
    allow_diverged: Annotated[
        bool, typer.Option("--allow-diverged", help="a diverged run ends with code 0, not 3")
    ] = False,
    checkpoint: Checkpoint = SECONDS,
) -> Exit:
    """Train each config; a live table while it runs, the loss history to CSV."""
    from gdrun.cli.train import How, train_all

    how = How(quiet, output == "json", rerun, allow_diverged, checkpoint)
    return train_all(configs, name, results, how)


@app.command()
@guarded
def compare(
    configs: Configs,
    name: Name = None,
    results: Results = DEFAULT_RESULTS,
    rows: Annotated[str, typer.Option("--rows", metavar="KEY,…", help="what is compared; the rest is tuned")] = "",
    criterion: Annotated[str | None, typer.Option("--criterion", help="column of runs.csv to rank by")] = None,
    report_on: Annotated[Literal["test"] | None, typer.Option("--report-on", help="show the test result too")] = None,
    confirm: Annotated[int, typer.Option("--confirm", min=0, metavar="K", help="rank anew on K fresh seeds")] = 0,
    memory: Memory = None,
    checkpoint: Checkpoint = SECONDS,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, metavar="N", help="processes; left out: more if that is worth it")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="ADDRESS", help="train on a Dask cluster, tcp://host:8786")
    ] = None,
    quiet: Quiet = False,
    output: Annotated[
        Literal["table", "csv", "json", "md", "latex"], typer.Option("--format", help="how to print the ranking")
    ] = "table",
    rerun: Annotated[bool, typer.Option("--rerun", help="train again what was trained already")] = False,
    shard: Annotated[
        str | None, typer.Option("--shard", metavar="I/N", help="train the I-th of N parts, from 0")
    ] = None,
    allow_diverged: Annotated[bool, typer.Option("--allow-diverged", help="code 0 even if every run diverged")] = False,
) -> Exit:
    """Run sweeps and rank them: which is better, by how much, how surely."""
    from gdrun.cli.compare import compare_all, engine_of, part
    from gdrun.experiment.conducting import Wanted

    wanted = Wanted(
        rows=tuple(filter(None, rows.split(","))),
        criterion=criterion,
        report_test=report_on == "test",
        confirm=confirm,
        memory=None if memory is None else int(memory * 1e9),
        rerun=rerun,
        shard=part(shard, confirm),
        every=checkpoint,
    )
    engine = engine_of(jobs, cluster, quiet)
    return compare_all(configs, name, results, wanted, engine, quiet=quiet, style=output, allowed=allow_diverged)


@app.command()
@guarded
def check(configs: Configs, name: Name = None, results: Results = DEFAULT_RESULTS, memory: Memory = None) -> None:
    """Validate configs; print them in full, how each data column was read, the plan and its cost. Keeps nothing."""
    from gdrun.cli.check import check_all

    check_all(configs, name, results, None if memory is None else int(memory * 1e9))


@app.command()
@guarded
def init(
    source: Annotated[
        str, typer.Argument(metavar="[NAME]", help="a config of the gallery, or a CSV file")
    ] = "quickstart",
    target: Annotated[str | None, typer.Option("--target", help="the CSV file's column to predict")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="the file to write; - for stdout")] = None,
    force: Annotated[bool, typer.Option("--force", help="overwrite a file that is there")] = False,
    show_list: Annotated[bool, typer.Option("--list", help="list the gallery")] = False,
) -> None:
    """Write a commented config: a starter, one of the gallery, or one for a CSV file."""
    from gdrun.cli.init import initialise, list_gallery

    if show_list:
        list_gallery()
    else:
        initialise(source, target, output, force)


@app.command()
@guarded
def show(
    experiment: Annotated[
        str | None, typer.Argument(metavar="[EXPERIMENT[/RUN]]", help="left out: all experiments")
    ] = None,
    results: Results = DEFAULT_RESULTS,
    sort_by: Annotated[
        str | None, typer.Option("--sort-by", metavar="COLUMN", help="a column of runs.csv; -COLUMN: descending")
    ] = None,
    top: Annotated[int | None, typer.Option("--top", min=1, help="so many runs only")] = None,
    only_changed: Annotated[
        bool, typer.Option("--only-changed", help="leave out columns that are the same in all runs")
    ] = False,
    output: Annotated[
        Literal["table", "csv", "json", "md", "latex"], typer.Option("--format", help="how to print it")
    ] = "table",
    whole: Annotated[bool, typer.Option("--all", help="all runs ever made, not the last comparison")] = False,
) -> None:
    """List experiments, the runs of one, or all about one run."""
    from gdrun.cli.show import show as shown

    shown(experiment, results, sort_by, top, only_changed, output, whole)


@app.command()
@guarded
def plot(
    experiment: Annotated[str, typer.Argument(metavar="EXPERIMENT[/RUN]", help="the last comparison, or one run")],
    kinds: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KIND…]", help="curves, sensitivity, heatmap, batch, surface, boundary, fit; left out: what suits"
        ),
    ] = None,
    results: Results = DEFAULT_RESULTS,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="the file, for one picture")] = None,
    style: Annotated[Literal["light", "dark", "slides"], typer.Option("--style", help="colours and size")] = "light",
    file_format: Annotated[
        Literal["png", "svg", "pdf", "gif", "mp4"] | None, typer.Option("--format", help="of the files")
    ] = None,
    width: Annotated[str | None, typer.Option("--width", metavar="3.3in", help="also cm, mm and pt")] = None,
    open_it: Annotated[bool, typer.Option("--open", help="show the files")] = False,
    x: Annotated[
        Literal["epoch", "step", "examples", "seconds"] | None, typer.Option("--x", help="what curves are drawn by")
    ] = None,
    settings: Annotated[str, typer.Option("--settings", metavar="KEY,KEY", help="the axes of a heatmap")] = "",
    criterion: Annotated[str | None, typer.Option("--criterion", help="column of runs.csv, the outcome drawn")] = None,
    target: Annotated[float | None, typer.Option("--target", metavar="LOSS", help="to be reached, for batch")] = None,
    directions: Annotated[
        Literal["path", "random"], typer.Option("--directions", help="the plane of a surface of many parameters")
    ] = "path",
    three_d: Annotated[bool, typer.Option("--three-d", help="a surface as a relief")] = False,
    points: Annotated[
        int | None, typer.Option("--points", min=2, max=2000, metavar="N", help="of a surface, along each side")
    ] = None,
    seconds: Annotated[float, typer.Option("--seconds", min=0.1, max=120, help="how long an animation lasts")] = 6.0,
    fps: Annotated[int, typer.Option("--fps", min=1, max=50, help="its pictures per second")] = 15,
    terminal: Annotated[bool, typer.Option("--terminal", help="loss curves in characters, on stdout")] = False,
    whole: Annotated[bool, typer.Option("--all", help="all runs ever made, not the last comparison")] = False,
) -> None:
    """Draw an experiment: curves, sensitivity to the learning rate, heatmaps, batch sizes."""
    from gdrun.cli.plot import What, look_of, plot_all
    from gdrun.pictures.wish import Wish

    wish = Wish(x, tuple(filter(None, settings.split(","))), directions, three_d, points, seconds, fps)
    what = What(experiment, results, whole, criterion, target, output, file_format, open_it, terminal)
    plot_all(what, kinds or [], look_of(style, width), wish)


@app.command()
@guarded
def predict(
    experiment: Experiment,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="new rows: CSV, npz or svmlight, as the training data was")
    ],
    results: Results = DEFAULT_RESULTS,
    weights: Annotated[
        Literal["final", "best"], typer.Option("--weights", help="best: of the epoch with the lowest validation loss")
    ] = "final",
    probabilities: Annotated[bool, typer.Option("--probabilities", help="also each class's probability")] = False,
) -> None:
    """Predict new rows with a trained model, CSV on stdout."""
    from gdrun.cli.predict import predict_file

    predict_file(experiment, file, results, weights, probabilities)


@app.command()
@guarded
def remove(
    experiment: Annotated[str, typer.Argument(metavar="EXPERIMENT[/RUN]", help="what to delete")],
    results: Results = DEFAULT_RESULTS,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False,
) -> None:
    """Delete an experiment's results, or one run of it."""
    from gdrun.cli.remove import remove as removed

    removed(experiment, results, yes)


@app.command("list")
@guarded
def list_parts(
    kind: Annotated[
        str | None, typer.Argument(metavar="[KIND]", help="optimizers, schedules, …, or a part such as adam")
    ] = None,
) -> None:
    """Show every part: optimizers, schedules, models, losses, datasets, surfaces; parameters, defaults, a line each."""
    from gdrun.cli.parts import list_parts as listed

    listed(kind)


@app.command()
@guarded
def schema() -> None:
    """Print the configs' JSON Schema, for editors."""
    import json

    from gdrun.experiment.config.schema import schema as json_schema

    typer.echo(json.dumps(json_schema(), indent=2))


def run() -> int:
    """Run the command line; its exit code. No traceback reaches a user unless asked for."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # where the terminal or the locale is ASCII
    try:
        app(standalone_mode=True)
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        typer.echo(f"internal error: {type(error).__name__}: {error} (gdrun --debug shows where)", err=True)
        return Exit.FAILED
    finally:
        mute_unread(sys.stderr)
    return Exit.DONE
