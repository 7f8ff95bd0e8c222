"""`gdrun compare`: the same bits as `gdrun train`, only what is missing, the ranking in every format."""

from __future__ import annotations

import csv
import io
import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from gdrun.experiment import training
from gdrun.experiment.comparing import plan
from gdrun.experiment.engine import engine
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.sources import Sources
from gdrun.experiment.sweep import expand
from gdrun.experiment.tiles import tiles as tiles_of
from tests.cli.driver import gdrun

RESULTS = Path("results")

MIXED = """\
dataset: digits
model: {kind: mlp, hidden: [8]}
epochs: 1
descent: {batch_size: [32, 100]}
optimizer: {kind: gd, lr: 0.1}
record: {batch_loss: true}
compare:
  seeds: 3
  candidates:
    - optimizer: {kind: gd, lr: {log: [0.001, 1000, 7]}}
    - optimizer: {kind: momentum, lr: {log: [0.001, 1000, 7]}}
    - optimizer: {kind: adam, lr: {log: [0.001, 1000, 7]}}
    - optimizer: {kind: rmsprop, lr: {log: [0.001, 1000, 7]}}
"""
RATES = (0.001, 0.01, 0.1, 1, 10, 100, 1000)
ALONE = """\
dataset: digits
model: {{kind: mlp, hidden: [8]}}
epochs: 1
descent: {{batch_size: {batch}}}
optimizer: {{kind: {optimizer}, lr: {rate}}}
record: {{batch_loss: true}}
seed: {seed}
"""
SMALL = """\
dataset: {kind: blobs, examples: 60}
model: softmax
epochs: 3
optimizer: {kind: gd, lr: [0.01, 0.1]}
compare: {seeds: 2}
"""


def history(folder: Path) -> list[dict[str, str]]:
    with (folder / "history.csv").open(newline="") as file:
        rows = [{name: text for name, text in row.items() if name != "seconds"} for row in csv.DictReader(file)]
    return sorted(rows, key=lambda row: (row["run"], int(row["step"])))


def test_every_run_of_a_mixed_sweep_equals_the_same_run_alone() -> None:
    Path("mixed.yaml").write_text(MIXED)
    gdrun("compare", "mixed.yaml", "--quiet").ok()
    runs = Folder(RESULTS / "mixed").rows().values()
    assert len(runs) == 4 * 7 * 3 * 2
    for optimizer in ("gd", "momentum", "adam", "rmsprop"):
        diverged = {
            run["optimizer.lr"] for run in runs if (run["optimizer.kind"], run["status"]) == (optimizer, "diverged")
        }
        assert 1 <= len(diverged) < 7

    settings = product(("gd", "momentum", "adam", "rmsprop"), RATES, range(3), (32, 100))
    files = [f"{number}.yaml" for number in range(168)]
    for file, (optimizer, rate, seed, batch) in zip(files, settings, strict=True):
        Path(file).write_text(ALONE.format(optimizer=optimizer, rate=rate, seed=seed, batch=batch))
    assert gdrun("train", *files, "--name", "alone", "--quiet", "--allow-diverged").code == 0
    assert history(RESULTS / "alone") == history(RESULTS / "mixed")


def test_optimizers_are_paired_by_their_seed() -> None:
    Path("mixed.yaml").write_text(MIXED.replace("7]", "2]").replace("[32, 100]", "32"))
    gdrun("compare", "mixed.yaml", "--quiet").ok()
    runs = Folder(RESULTS / "mixed").rows()
    starts: dict[str, set[tuple[str, str]]] = {}
    for row in history(RESULTS / "mixed"):
        if row["step"] == "0":  # the same weights and the same first batch
            starts.setdefault(runs[row["run"]]["seed"], set()).add((row["train_loss"], row["batch_loss"]))
    assert sorted(starts) == ["0", "1", "2"]
    assert [len(found) for found in starts.values()] == [1, 1, 1]
    assert len(set.union(*starts.values())) == 3


def test_optimizers_of_one_seed_see_the_same_batches_in_every_step() -> None:
    """With rates so low that no weight moves, a step's loss says nothing but which batch it saw."""
    Path("mixed.yaml").write_text(MIXED.replace("{log: [0.001, 1000, 7]}", "1e-200").replace("epochs: 1", "epochs: 2"))
    gdrun("compare", "mixed.yaml", "--quiet", "optimizer.lr=1e-200", "descent.batch_size=100").ok()
    runs = Folder(RESULTS / "mixed").rows()
    seen: dict[str, list[str]] = {}
    for row in history(RESULTS / "mixed"):
        seen.setdefault(row["run"], []).append(row["batch_loss"])
    by_seed: dict[str, set[tuple[str, ...]]] = {}
    for run, losses in seen.items():
        by_seed.setdefault(runs[run]["seed"], set()).add(tuple(losses))
    assert (len(runs), {len(losses) for losses in seen.values()}) == (4 * 3, {2 * 15 + 1})
    assert {seed: len(orders) for seed, orders in by_seed.items()} == {"0": 1, "1": 1, "2": 1}
    assert len(set.union(*by_seed.values())) == 3
    for (order,) in by_seed.values():
        assert len(set(order)) == 31  # no batch comes twice: the second epoch has an order of its own


def test_only_what_is_missing_is_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("small.yaml").write_text(SMALL)
    first = gdrun("compare", "small.yaml")
    assert first.err == "4 runs · 0 done already · 4 to train in 1 stack\n"
    again = gdrun("compare", "small.yaml")
    assert again.err == "4 runs · 4 done already · nothing to train\n"
    assert again.out == first.out
    assert "4 done already · 2 to train" in gdrun("compare", "small.yaml", "optimizer.lr=0.01,0.1,0.2").err
    bits = history(RESULTS / "small")
    assert "0 done already · 4 to train" in gdrun("compare", "small.yaml", "--rerun").err
    assert history(RESULTS / "small") == bits


def test_failed_runs_are_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("small.yaml").write_text(SMALL)

    def stack(problems: Any) -> Any:
        raise MemoryError("no room")

    with monkeypatch.context() as patched:
        patched.setattr("gdrun.experiment.training.stack", stack)
        said = gdrun("compare", "small.yaml")
    assert said.code == 1
    assert "4 of 4 runs failed" in said.err
    assert "0 done already · 4 to train" in gdrun("compare", "small.yaml").err
    assert {row["status"] for row in Folder(RESULTS / "small").rows().values()} == {"finished"}


def test_an_interrupted_sweep_keeps_what_is_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("small.yaml").write_text(SMALL)
    tiles: list[Any] = []

    def interrupted(tile: Any, watch: Any, saving: Any) -> Any:
        if tiles:
            raise KeyboardInterrupt
        tiles.append(tile)
        return training.train_tile(tile, watch, saving)

    with monkeypatch.context() as patched:
        patched.setattr(engine, "train_tile", interrupted)
        said = gdrun("compare", "small.yaml", "descent.batch_size=8,16")
    assert said.code == 130
    assert len(Folder(RESULTS / "small").rows()) == 4
    assert "8 runs · 4 done already · 4 to train" in gdrun("compare", "small.yaml", "descent.batch_size=8,16").err


def test_the_ranking_in_every_format() -> None:
    Path("small.yaml").write_text(SMALL)
    table = gdrun("compare", "small.yaml").ok()
    assert table.splitlines()[1].split()[:3] == ["1", "lr", "0.1"]
    assert "! 2 seeds: a Wilcoxon test cannot reach p < 0.05" in table
    rows = list(csv.DictReader(io.StringIO(gdrun("compare", "small.yaml", "--format", "csv").ok())))
    assert [row["candidate"] for row in rows] == ["lr 0.1", "lr 0.01"]
    found = json.loads(gdrun("compare", "small.yaml", "--format", "json").ok())
    assert {**found, "rankings": len(found["rankings"])} == {
        "experiment": "small", "runs": 4, "statuses": {"finished": 4}, "rankings": 1, "unmet": []
    }  # fmt: skip
    (ranking,) = found["rankings"]
    runs = Folder(RESULTS / "small").rows().values()
    best = [float(row["final_validation_loss"]) for row in runs if row["optimizer.lr"] == "0.1"]
    assert ranking["rows"][0]["estimate"]["mean"] == pytest.approx(sum(best) / 2, rel=1e-12)
    assert gdrun("compare", "small.yaml", "--format", "latex").ok().startswith("\\begin{tabular}")


def test_only_the_first_rows_are_printed_if_so_many_are_wanted() -> None:
    Path("small.yaml").write_text(SMALL.replace("[0.01, 0.1]", "[0.01, 0.1, 0.2, 0.3]"))
    whole = gdrun("compare", "small.yaml").ok().splitlines()
    first = gdrun("compare", "small.yaml", "--top", "1").ok().splitlines()
    assert first == [*whole[:2], "… 3 more rows", *whole[5:]]
    assert gdrun("show", "small", "--top", "3").ok().splitlines() == [*whole[:4], "… 1 more row", *whole[5:]]
    assert gdrun("show", "small", "--top", "2", "--format", "csv").ok().count("\n") == 3
    assert len(json.loads(gdrun("show", "small", "--top", "2", "--format", "json").ok())[0]["rows"]) == 2
    (found,) = json.loads(gdrun("compare", "small.yaml", "--top", "2", "--format", "json").ok())["rankings"]
    assert [row["rank"] for row in found["rows"]] == [1, 2]
    assert gdrun("show", "small", "--top", "3", "--all", "--format", "csv").ok().count("\n") == 4


def test_runs_are_shown_in_the_order_of_the_plan() -> None:
    Path("small.yaml").write_text(SMALL)
    gdrun("compare", "small.yaml", "optimizer.lr=0.2", "seed=1,0").ok()
    gdrun("compare", "small.yaml", "optimizer.lr=0.3,0.2,0.1", "seed=1,0").ok()
    assert [row["optimizer.lr"] for row in Folder(RESULTS / "small").rows().values()][:2] == ["0.2", "0.2"]
    rows = json.loads(gdrun("show", "small", "--all", "--format", "json").ok())
    planned = [(rate, seed) for rate in (0.3, 0.2, 0.1) for seed in (1, 0)]
    assert [(row["optimizer.lr"], row["seed"]) for row in rows] == planned
    gdrun("compare", "small.yaml", "optimizer.lr=0.1", "seed=0,1").ok()
    rows = json.loads(gdrun("show", "small", "--all", "--format", "json").ok())
    assert [(row["optimizer.lr"], row["seed"]) for row in rows][-2:] == [(0.1, 0), (0.1, 1)]


def test_csv_is_numbers_to_the_last_digit() -> None:
    Path("small.yaml").write_text(SMALL)
    gdrun("compare", "small.yaml", "dataset.kind=blobs,moons", "--report-on", "test", "dataset.test=0.2").ok()
    lines = list(csv.DictReader(io.StringIO(gdrun("show", "small", "--format", "csv").ok())))
    assert [line["dataset.kind"] for line in lines] == ["blobs", "blobs", "moons", "moons"]  # one table of both
    rankings = json.loads(gdrun("show", "small", "--format", "json").ok())
    rows = [row for ranking in rankings for row in ranking["rows"]]
    for line, row in zip(lines, rows, strict=True):
        found = [float(line[f"final_validation_loss{end}"]) for end in ("", "_low", "_high")]
        assert found == [row["estimate"][name] for name in ("mean", "low", "high")]
        assert float(line["final_test_loss"]) == row["test"]["mean"]
        assert (line["candidate"], float(line["optimizer.lr"])) == (row["label"], row["settings"]["optimizer.lr"])
        assert (line["rank"], line["seeds"], line["splits"], line["diverged"]) == (str(row["rank"]), "2", "1", "0")
        behind = row["difference"]
        assert line["p_holm"] == ("" if behind is None else repr(behind["p_holm"]))
        assert line["difference"] == ("" if behind is None else repr(behind["estimate"]["mean"]))


def test_several_rankings_each_have_their_heading() -> None:
    Path("small.yaml").write_text(SMALL)
    table = gdrun("compare", "small.yaml", "dataset.kind=blobs,moons", "--quiet").ok()
    assert [line for line in table.splitlines() if line.startswith("dataset")] == [
        "dataset.kind blobs", "dataset.kind moons"
    ]  # fmt: skip
    assert "\n\n**dataset.kind moons**\n\n| rank |" in gdrun("show", "small", "--format", "md").ok()
    assert "\n\n% dataset.kind moons\n\\begin{tabular}" in gdrun("show", "small", "--format", "latex").ok()


def test_so_many_seeds_reached_the_target() -> None:
    Path("small.yaml").write_text(SMALL.replace("{seeds: 2}", "{seeds: 3, target: TARGET}"))
    gdrun("compare", "small.yaml", "compare.target=0").ok()
    runs = Folder(RESULTS / "small").typed_rows().values()
    losses = sorted(row["final_validation_loss"] for row in runs if row["optimizer.lr"] == 0.1)
    table = gdrun("compare", "small.yaml", f"compare.target={losses[1]!r}").ok()
    heading, first, second = table.splitlines()[:3]
    assert all(f"{name} to {losses[1]:.4g}" in heading for name in ("steps", "examples", "seconds"))
    assert (first.count("2 of 3 seeds"), second.count("never")) == (3, 3)


def test_splits_and_their_seeds_are_told_apart() -> None:
    Path("small.yaml").write_text(SMALL)
    table = gdrun("compare", "small.yaml", "dataset.seed=0,1,2").ok()
    assert "splits × seeds" in table.splitlines()[0]
    assert "3 × 2" in table.splitlines()[1]
    assert "on these 3 splits with 2 seeds" in table


def test_where_every_run_diverged_there_is_no_rank_and_no_best_setting() -> None:
    text = SMALL.replace("softmax", "linear").replace("blobs, examples: 60", "linear, examples: 60")
    Path("small.yaml").write_text(text.replace("[0.01, 0.1]", "[1000, 2000]"))
    said = gdrun("compare", "small.yaml", "--rows", "candidate")
    assert said.out.splitlines()[1].split() == ["-", "all", "settings", "-", "-", "2", "4", "of", "4"]
    assert "! every run diverged, so nothing is ranked: all settings (4 of 4)" in said.out


def test_runs_train_alone_if_so_many_are_wanted_at_once() -> None:
    Path("mixed.yaml").write_text(MIXED)
    problems = [cell.problem for cell in plan(expand(["mixed.yaml"])[0], Sources()).cells]
    for most in (1, 5, 64):
        cut = tiles_of(problems, 1 << 40, most)
        assert max(map(len, cut)) <= most
        assert sorted(problem.id for tile in cut for problem in tile) == sorted(problem.id for problem in problems)
    assert tiles_of(problems, 1 << 40, 64) == tiles_of(problems, 1 << 40)


def test_confirmed_on_fresh_seeds() -> None:
    Path("small.yaml").write_text(SMALL)
    said = gdrun("compare", "small.yaml", "--confirm", "3")
    assert "6 runs · 0 done already · 6 to train" in said.err
    assert "exploratory" not in said.out
    assert {row["seed"] for row in Folder(RESULTS / "small").rows().values()} == {"0", "1", "2", "3", "4"}


def test_a_sweep_of_splits_is_confirmed_on_all_of_them() -> None:
    Path("small.yaml").write_text(SMALL)
    said = gdrun("compare", "small.yaml", "dataset.seed=0,1,2", "--confirm", "2")
    assert "12 runs · 0 done already · 12 to train" in said.err  # 2 rows × 3 splits × 2 seeds
    runs = Folder(RESULTS / "small").typed_rows().values()
    fresh = {(row["dataset.seed"], row["seed"]) for row in runs if row["seed"] > 1}
    assert fresh == set(product(range(3), (2, 3)))
    assert "3 × 2" in said.ok()
    assert "this 1 split" not in said.out


@pytest.mark.parametrize(
    ("arguments", "code"), [((), 3), (("--allow-diverged",), 0), (("optimizer.lr=0.1,1000000",), 0)]
)
def test_exit_codes_of_divergence(arguments: tuple[str, ...], code: int) -> None:
    text = SMALL.replace("softmax", "linear").replace("blobs, examples: 60", "linear, examples: 60")
    Path("small.yaml").write_text(text.replace("[0.01, 0.1]", "[1000, 2000]"))
    assert gdrun("compare", "small.yaml", *arguments).code == code


def test_tiles_keep_to_the_memory_that_they_are_given() -> None:
    Path("mixed.yaml").write_text(MIXED)
    problems = [cell.problem for cell in plan(expand(["mixed.yaml"])[0], Sources()).cells]
    each = tiles_of([problems[0]], 1 << 40)
    assert [len(tile) for tile in each] == [1]
    small = tiles_of(problems, 1)
    assert {len(tile) for tile in small} == {1}
    tiles = tiles_of(problems, 1 << 40)
    assert sorted(problem.id for tile in tiles for problem in tile) == sorted(problem.id for problem in problems)
    for tile in tiles:
        assert len({(p.config.optimizer.chosen, p.settings["descent"]["batch_size"]) for p in tile}) == 1
    assert max(len(tile) for tile in tiles) > 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("--criterion final_validation_lss", "did you mean final_validation_loss?"),
        ("--criterion final_validation_r2", "no run has a final_validation_r2"),
        ("--criterion steps_to_target", "steps_to_target needs a target"),
        ("--rows optimizer.rate", "no setting optimizer.rate"),
        ("--rows dataset.seed", "they make no row"),
    ],
)
def test_what_cannot_be_ranked_so_is_refused_before_training(asked: str, said: str) -> None:
    Path("small.yaml").write_text(SMALL)
    refused = gdrun("compare", "small.yaml", *asked.split())
    assert (refused.code, refused.out) == (2, "")
    assert said in refused.err
    assert refused.err.count("\n") == 1
    assert not RESULTS.exists()


def test_a_run_of_a_sweep_has_weights_if_they_are_asked_for() -> None:
    Path("small.yaml").write_text(SMALL)
    gdrun("compare", "small.yaml").ok()
    assert "weights" not in gdrun("show", "small/best").ok()
    said = gdrun("predict", "small/best", "new.csv")
    assert (said.code, "compare: {save: weights}" in said.err) == (2, True)
