"""All commands; each imports what it needs when it runs, so that help is instant."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from gdrun.cli import options
from gdrun.cli.exits import Exit, guarded, unwritten

app = typer.Typer(
    name="gdrun",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

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
    debug: options.Debug = False,
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
    configs: options.Configs,
    name: options.Name = None,
    results: options.Results = DEFAULT_RESULTS,
    quiet: options.Quiet = False,
    output: options.PerRun = "table",
    rerun: options.Rerun = False,
    allow_diverged: options.AllowDiverged = False,
    checkpoint: options.Checkpoint = SECONDS,
    report_too: options.ReportToo = False,
    open_it: options.OpenReport = False,
) -> Exit:
    """Train each config; a live table while it runs, the loss history to CSV."""
    from gdrun.cli.report import AtTheEnd
    from gdrun.cli.train import How, train_all

    how = How(quiet, output == "json", rerun, allow_diverged, checkpoint, AtTheEnd(report_too, open_it, quiet))
    return train_all(configs, name, results, how)


@app.command()
@guarded
def compare(
    context: typer.Context,
    configs: options.Configs,
    name: options.Name = None,
    results: options.Results = DEFAULT_RESULTS,
    rows: options.RowsWanted = "",
    criterion: options.Criterion = None,
    report_on: options.ReportOn = None,
    confirm: options.Confirm = 0,
    memory: options.Memory = None,
    checkpoint: options.Checkpoint = SECONDS,
    jobs: options.Jobs = None,
    cluster: options.Cluster = None,
    stack: options.Stack = None,
    quiet: options.Quiet = False,
    output: options.TableFormat = "table",
    top: options.TopRows = None,
    rerun: options.Rerun = False,
    shard: options.ShardWanted = None,
    allow_diverged: options.AllDiverged = False,
    report_too: options.ReportToo = False,
    open_it: options.OpenReport = False,
) -> Exit:
    """Run sweeps and rank them: which is better, by how much, how surely."""
    from gdrun.cli.compare import How, compare_all, engine_of, one_engine, part, variables_named
    from gdrun.cli.report import AtTheEnd
    from gdrun.experiment.work import Wanted

    wanted = Wanted(
        rows=tuple(filter(None, rows.split(","))),
        criterion=criterion,
        report_test=report_on == "test",
        confirm=confirm,
        memory=None if memory is None else int(memory * 1e9),
        most=stack,
        rerun=rerun,
        shard=part(shard, confirm),
        every=checkpoint,
    )
    how = How(quiet, output, allow_diverged, top, AtTheEnd(report_too, open_it, quiet))
    engine = engine_of(*one_engine(context, jobs, cluster), quiet)
    with variables_named(context):
        return compare_all(configs, name, results, wanted, engine, how)


@app.command()
@guarded
def check(
    configs: options.Configs,
    name: options.Name = None,
    results: options.Results = DEFAULT_RESULTS,
    memory: options.Memory = None,
) -> None:
    """Validate configs; print them in full, the data, the curvature, what it predicts, the plan. Keeps nothing."""
    from gdrun.cli.check import check_all

    check_all(configs, name, results, None if memory is None else int(memory * 1e9))


@app.command()
@guarded
def init(
    source: options.Source = "quickstart",
    target: options.TargetColumn = None,
    output: options.ConfigFile = None,
    force: options.Force = False,
    show_list: options.ListGallery = False,
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
    experiment: options.Shown = None,
    results: options.Results = DEFAULT_RESULTS,
    sort_by: options.SortBy = None,
    top: options.Top = None,
    only_changed: options.OnlyChanged = False,
    output: options.TableFormat = "table",
    whole: options.Whole = False,
) -> None:
    """List experiments, the runs of one, or all about one run."""
    from gdrun.cli.show import show as shown

    shown(experiment, results, sort_by, top, only_changed, output, whole)


@app.command()
@guarded
def plot(
    experiment: options.Drawn,
    kinds: options.Kinds = None,
    results: options.Results = DEFAULT_RESULTS,
    output: options.PictureFile = None,
    style: options.Style = "light",
    file_format: options.PictureFormat = None,
    width: options.Width = None,
    open_it: options.OpenIt = False,
    x: options.Axis = None,
    settings: options.Settings = "",
    criterion: options.OutcomeDrawn = None,
    target: options.TargetLoss = None,
    directions: options.Directions = "path",
    three_d: options.ThreeD = False,
    points: options.Points = None,
    seconds: options.Seconds = 6.0,
    fps: options.Fps = 15,
    terminal: options.Terminal = False,
    whole: options.Whole = False,
) -> None:
    """Draw an experiment: curves, the loss surface, how much settings matter, models, animations."""
    from gdrun.cli.plot import What, look_of, plot_all
    from gdrun.pictures.wish import Wish

    wish = Wish(x, tuple(filter(None, settings.split(","))), directions, three_d, points, seconds, fps)
    what = What(experiment, results, whole, criterion, target, output, file_format, open_it, terminal)
    plot_all(what, kinds or [], look_of(style, width), wish)


@app.command()
@guarded
def report(
    experiments: options.Reported,
    results: options.Results = DEFAULT_RESULTS,
    output: options.PageFile = None,
    open_it: options.OpenPage = False,
) -> None:
    """Write one HTML page of experiments: question, answer, charts, runs, reasons; readable offline."""
    from gdrun.cli.report import report_all

    report_all(experiments, results, output, open_it)


@app.command()
@guarded
def explain(
    experiment: options.Explained,
    results: options.Results = DEFAULT_RESULTS,
) -> None:
    """Say in plain words what happened and why, what was predicted and measured, and what to try."""
    from gdrun.cli.explain import explain_wanted

    explain_wanted(experiment, results)


@app.command()
@guarded
def predict(
    experiment: options.Experiment,
    file: options.NewRows,
    results: options.Results = DEFAULT_RESULTS,
    weights: options.Weights = "final",
    probabilities: options.Probabilities = False,
) -> None:
    """Predict new rows with a trained model, CSV on stdout."""
    from gdrun.cli.predict import predict_file

    predict_file(experiment, file, results, weights, probabilities)


@app.command()
@guarded
def reproduce(
    experiment: options.Experiment,
    results: options.Results = DEFAULT_RESULTS,
    quiet: options.Quiet = False,
    output: options.OneObject = "table",
) -> Exit:
    """Train a run again, from what was kept of it alone, and compare bit for bit; writes nothing."""
    from gdrun.cli.reproduce import reproduce_run

    return reproduce_run(experiment, results, quiet, output == "json")


@app.command()
@guarded
def remove(
    experiment: options.Removed,
    results: options.Results = DEFAULT_RESULTS,
    yes: options.Yes = False,
) -> None:
    """Delete an experiment's results, or one run of it."""
    from gdrun.cli.remove import remove as removed

    removed(experiment, results, yes)


@app.command()
@guarded
def textbook(
    number: options.ClaimNumber = None,
    results: options.Results = DEFAULT_RESULTS,
    everything: options.EveryClaim = False,
    report: options.Book = False,
    quiet: options.Quiet = False,
) -> Exit:
    """List what textbooks say of gradient descent; run one as an experiment, and say in which sense it is true."""
    from gdrun.cli.textbook import list_claims, show_claims, wanted

    numbers = wanted(number, everything, report)
    if not numbers:
        list_claims()
        return Exit.DONE
    return show_claims(numbers, results, quiet, report)


@app.command("list")
@guarded
def list_parts(
    kind: options.Kind = None,
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
        app(prog_name="gdrun", standalone_mode=True)
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except OSError as error:
        return unwritten(error)
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        typer.echo(f"internal error: {type(error).__name__}: {error} (gdrun --debug shows where)", err=True)
        return Exit.FAILED
    return Exit.DONE
