"""What a sweep is expanded to: one table of cases per rule."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from gdrun.descent.parts import setting_types
from gdrun.experiment.config import canonical, load
from gdrun.experiment.config.compare import setting_hints
from gdrun.experiment.config.families import families
from gdrun.experiment.config.messages import options
from gdrun.experiment.sweep import expand
from tests.experiment.config_cases import read
from tests.experiment.sweep_cases import BASE, sweep_of, varied

BOWL = """\
model: {kind: surface, function: quadratic, condition: 20, start: [4, 1]}
optimizer: {kind: gd, lr: 0.05}
steps: 100
"""


def compare(text: str, base: str = BASE) -> str:
    return f"{base}compare: {text}\n"


# one swept setting: what is written, on the command line or in a block, and its values
VALUES: list[tuple[str, str, list[Any]]] = [
    ("optimizer.lr", "[0.01, 0.1]", [0.01, 0.1]),
    ("optimizer.lr", "[1, 0.1]", [1.0, 0.1]),
    ("optimizer.lr", "{log: [1e-3, 1, 7]}", [0.001, 0.00316227766017, 0.01, 0.0316227766017, 0.1, 0.316227766017, 1.0]),
    ("optimizer.lr", "{linear: [0.1, 0.4, 4]}", [0.1, 0.2, 0.3, 0.4]),
    ("optimizer.lr", "{range: [1, 3]}", [1.0, 2.0, 3.0]),
    ("descent.batch_size", "{range: [16, 64, 16]}", [16, 32, 48, 64]),
    ("descent.batch_size", "{range: [16, 63, 16]}", [16, 32, 48]),
    ("descent.batch_size", "{log: [1, 256, 9]}", [1, 2, 4, 8, 16, 32, 64, 128, 256]),
    ("descent.batch_size", "{log: [1, 4, 9]}", [1, 2, 3, 4]),
    ("epochs", "[1, 2]", [1, 2]),
    ("dtype", "[float64, float32]", ["float64", "float32"]),
    ("model.hidden", "[[64], [64, 32]]", [(64,), (64, 32)]),
    ("model.initial", "[xavier, he]", ["xavier", "he"]),
    ("model.initial", "[null, [1, 2]]", [None, (1.0, 2.0)]),
    ("model.initial", "[[1, 2], [3, 4]]", [(1.0, 2.0), (3.0, 4.0)]),
    ("model.activation", "[relu, tanh]", ["relu", "tanh"]),
    ("optimizer.clip_norm", "[null, 1]", [None, 1.0]),
    ("dataset.standardize", "[true, false]", [True, False]),
    ("optimizer.kind", "[adam, lion]", ["adam", "lion"]),
    ("optimizer", "[adam, lion]", ["adam", "lion"]),
    ("schedule", "[null, cosine]", ["constant", "cosine"]),
    ("loss", "[cross_entropy, hinge]", ["cross_entropy", "hinge"]),
    ("descent.variant", "[batch, stochastic]", ["batch", "stochastic"]),
    ("stop.patience", "[5, 10]", [5, 10]),
    ("stop", "[null, {patience: 3}]", [None, 3]),
    ("seed", "[3, 1, 3]", [3, 1]),
]


@pytest.mark.parametrize(("key", "written", "values"), VALUES)
def test_values_of_a_setting(key: str, written: str, values: list[Any]) -> None:
    block = written
    for name in reversed(key.split(".")):
        block = f"{{{name}: {block}}}"
    for found in (varied(compare(f"{{candidates: [{block}]}}")), varied(BASE, f"{key}={written}")):
        assert [list(one.values()) for one in found] == [[value] for value in values]


@pytest.mark.parametrize(
    ("override", "values"),
    [
        ("optimizer.lr=0.01,0.1", [0.01, 0.1]),
        ("optimizer.lr=0.01, 0.1", [0.01, 0.1]),
        ("optimizer.lr=log:1e-4:1:3", [0.0001, 0.01, 1.0]),
        ("optimizer.lr=linear:1:3:3", [1.0, 2.0, 3.0]),
        ("seed=0..3", [0, 1, 2, 3]),
        ("seed=4,2", [4, 2]),
        ("descent.batch_size=8..10", [8, 9, 10]),
        ("model.hidden=[64],[64,32]", [(64,), (64, 32)]),
        ("model.hidden=[64], [64, 32]", [(64,), (64, 32)]),
        ("model.initial=xavier,he", ["xavier", "he"]),
        ("optimizer=adam,lion", ["adam", "lion"]),
        ("optimizer.kind=adam,lion", ["adam", "lion"]),
        ("dtype=float64,float32", ["float64", "float32"]),
        ("model={kind: mlp, hidden: [[1], [2]]}", [(1,), (2,)]),
    ],
)
def test_grids_on_the_command_line(override: str, values: list[Any]) -> None:
    assert [list(one.values()) for one in varied(BASE, override)] == [[value] for value in values]


def test_text_with_a_comma_is_text() -> None:
    text = BASE.replace("digits", "{kind: csv, path: 'a,b.csv', target: y}")
    (entry,) = sweep_of(text, "dataset.target=y,z").entries
    assert entry.config.dataset is not None
    assert entry.config.dataset.settings()["target"] == "y,z"
    assert [one["dataset.path"] for one in varied(text, "dataset.path=[a.csv, b.csv]")] == ["a.csv", "b.csv"]
    assert [one["dataset.drop"] for one in varied(text, "dataset.drop=[[p], [p, 2]]")] == [("p",), ("p", 2)]
    assert len(varied(text, "dataset.drop=[p, q]")) == 1


def test_a_list_is_one_value_where_the_setting_is_a_list() -> None:
    assert len(varied(BOWL, "model.start=[1, 2]")) == 1
    assert [one["model.start"] for one in varied(BOWL, "model.start=[1, 2],[3, 4]")] == [(1.0, 2.0), (3.0, 4.0)]
    matrix = BOWL.replace("condition: 20", "matrix: [[1, 0], [0, 2]]")
    assert len(varied(matrix)) == 1
    assert len(varied(matrix.replace("[[1, 0], [0, 2]]", "[[[1, 0], [0, 2]], [[2, 0], [0, 2]]]"))) == 2


LR = "optimizer.lr"
BATCH = "descent.batch_size"
# compare block, command line, and run by run what varies
RULES: list[tuple[str, list[str], list[dict[str, Any]]]] = [
    ("{seeds: 3}", [], [{"seed": 0}, {"seed": 1}, {"seed": 2}]),
    ("{seeds: [5, 2, 5]}", [], [{"seed": 5}, {"seed": 2}]),
    ("{seeds: 1}", [], [{}]),
    ("{}", [], [{}]),
    # the seed on the command line
    ("{seeds: 2}", ["seed=7"], [{"seed": 7}, {"seed": 8}]),
    ("{seeds: [1, 2]}", ["seed=7"], [{}]),
    ("{seeds: 5}", ["seed=8..9"], [{"seed": 8}, {"seed": 9}]),
    ("{seeds: 5}", ["compare.seeds=2"], [{"seed": 0}, {"seed": 1}]),
    # candidates, then settings as they are written, then seeds
    (
        "{seeds: 2, candidates: [{optimizer: {lr: [1, 2]}}, {seed: 4}]}",
        [],
        [{LR: 1, "seed": 0}, {LR: 1, "seed": 1}, {LR: 2, "seed": 0}, {LR: 2, "seed": 1}, {"seed": 4}, {"seed": 5}],
    ),
    (
        "{candidates: [{descent: {batch_size: [1, 2]}, optimizer: {lr: [3, 4]}}]}",
        [],
        [{BATCH: 1, LR: 3}, {BATCH: 1, LR: 4}, {BATCH: 2, LR: 3}, {BATCH: 2, LR: 4}],
    ),
    (
        "{candidates: [{descent: {batch_size: [1, 2]}, optimizer: [adam, lion]}]}",
        [],
        [{BATCH: b, "optimizer.kind": kind} for b in (1, 2) for kind in ("adam", "lion")],
    ),
    # a command-line grid multiplies every candidate, and replaces a grid of its own
    (
        "{candidates: [{epochs: 5}, {optimizer: {lr: [7, 8, 9]}}]}",
        ["optimizer.lr=1,2"],
        [{LR: 1}, {LR: 2}, {LR: 1}, {LR: 2}],
    ),
    ("{candidates: [{optimizer: {lr: [7, 8, 9]}}]}", ["optimizer.lr=1"], [{}]),
    # another kind replaces the block, with its grid
    ("{candidates: [{optimizer: {lr: [1, 2]}}, {optimizer: adam}]}", [], [{LR: 1}, {LR: 2}, {}]),
    (
        "{candidates: [{optimizer: [{kind: gd, lr: [1, 2]}, adam]}]}",
        [],
        [
            {"optimizer.kind": "gd", LR: 1},
            {"optimizer.kind": "gd", LR: 2},
            {"optimizer.kind": "adam", LR: 0.001},
        ],
    ),
    # in step
    ("{zip: {optimizer.lr: [1, 2], descent.batch_size: [3, 4]}}", [], [{LR: 1, BATCH: 3}, {LR: 2, BATCH: 4}]),
    (
        "{zip: {optimizer.lr: {log: [1, 4, 3]}, descent.batch_size: {range: [1, 3]}}}",
        [],
        [{LR: 1, BATCH: 1}, {LR: 2, BATCH: 2}, {LR: 4, BATCH: 3}],
    ),
    (
        "{zip: {optimizer: [gd, adam], optimizer.lr: [1, 2]}}",
        [],
        [{"optimizer.kind": "gd", LR: 1}, {"optimizer.kind": "adam", LR: 2}],
    ),
    (
        "{zip: {seed: [1, 2], dataset.seed: [3, 4]}}",
        [],
        [{"dataset.seed": 3, "seed": 1}, {"dataset.seed": 4, "seed": 2}],
    ),
    (
        "{candidates: [{zip: {optimizer.lr: [1, 2], epochs: [3, 4]}, descent: {batch_size: [5, 6]}}, {epochs: 9}]}",
        [],
        [{LR: a, "epochs": e, BATCH: b} for b in (5, 6) for a, e in ((1, 3), (2, 4))] + [{}],
    ),
    # the same run is kept once within a candidate, and in each of them
    ("{candidates: [{optimizer: {lr: [1, 1.0]}}, {optimizer: {kind: [sgd, gd], lr: 1}}]}", [], [{}, {}]),
    ("{candidates: [{descent: {batch_size: 1}}, {descent: [stochastic]}]}", [], [{}, {}]),
    ("{candidates: [{schedule: [null, constant]}]}", [], [{}]),
]


@pytest.mark.parametrize(("block", "overrides", "expected"), RULES)
def test_rule(block: str, overrides: list[str], expected: list[dict[str, Any]]) -> None:
    assert varied(compare(block), *overrides) == expected


def test_grids_above_multiply_every_candidate() -> None:
    text = (
        BASE + "descent: {batch_size: [8, 16]}\ncompare: {candidates: [{optimizer: adam}, {optimizer: {lr: [1, 2]}}]}"
    )
    assert varied(text) == [{BATCH: 8}, {BATCH: 16}, *({BATCH: b, LR: lr} for b in (8, 16) for lr in (1, 2))]
    assert sweep_of(text).swept == (BATCH, LR)


def test_candidates_and_options() -> None:
    block = (
        "{seeds: 2, rows: [candidate, optimizer.lr], criterion: best_train_loss, target: 1, save: weights, "
        "report_on: test, candidates: [{optimizer: {lr: [1, 2]}}, {label: B}]}"
    )
    found = sweep_of(compare(block), "optimizer.clip_norm=3", "compare.target=0.5")
    assert [(candidate.label, candidate.file) for candidate in found.candidates] == [(None, None), ("B", None)]
    assert (found.name, found.swept) == ("x", (LR, "seed"))
    assert found.options.rows == ("candidate", "optimizer.lr")
    assert (found.options.criterion, found.options.target) == ("best_train_loss", 0.5)
    assert (found.options.save, found.options.report_on) == ("weights", "test")
    assert [entry.candidate for entry in found.entries] == [0, 0, 0, 0, 1, 1]
    assert {entry.config.optimizer.settings()["clip_norm"] for entry in found.entries} == {3.0}


def test_later_errors_have_the_place_of_their_value() -> None:
    found = sweep_of(compare("{candidates: [{descent: {batch_size: [8, 99]}}]}"), "optimizer.lr=1,2")
    last = found.entries[-1].loaded
    assert str(last.problem("descent.batch_size", "too large")) == "<stdin>:5:51: descent.batch_size: too large"
    assert str(last.problem("optimizer.lr", "no")) == "optimizer.lr=1,2: no"


DRAWN = "{random: {n: 20, seed: 3}}"
RANGES = (
    BASE.replace("lr: 0.1", "lr: {log: [1e-4, 1]}, clip_norm: [1, 2]") + "descent: {batch_size: {range: [1, 64]}}\n"
)


def test_draws_are_from_the_ranges_and_different() -> None:
    found = varied(compare(DRAWN.replace("20", "300"), RANGES))
    rates = [one[LR] for one in found]
    assert len(found) == 300 == len({tuple(one.values()) for one in found})
    assert all(1e-4 <= rate <= 1 for rate in rates)
    assert 110 <= sum(rate < 1e-2 for rate in rates) <= 190
    assert {one["optimizer.clip_norm"] for one in found} == {1.0, 2.0}
    assert {type(one[BATCH]) for one in found} == {int}
    assert len({one[BATCH] for one in found}) > 55
    linear = varied(compare(DRAWN.replace("20", "300"), BASE.replace("0.1", "{linear: [1, 3]}")))
    assert 110 <= sum(one[LR] < 2 for one in linear) <= 190


def test_draws_depend_on_their_own_seed_and_block_alone() -> None:
    found = varied(compare(DRAWN, RANGES))
    assert found == varied(compare(DRAWN, RANGES))
    assert found != varied(compare(DRAWN.replace("3", "4"), RANGES))
    assert varied(compare(DRAWN.replace("20", "50"), RANGES))[:20] == found
    block = "{optimizer: {lr: {log: [1e-4, 1]}}, random: {n: 5}}"
    first = varied(compare(f"{{candidates: [{block}]}}"))
    assert varied(compare(f"{{candidates: [{{epochs: [1, 2]}}, {block}, {{}}]}}"))[2:7] == first
    paired = varied(
        compare(f"{{candidates: [{block}, {{...}}]}}".replace("{...}", block.replace("{lr", "{kind: adam, lr")))
    )
    assert [one[LR] for one in paired[:5]] == [one[LR] for one in paired[5:]]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (compare("{random: {n: 100}}", BASE.replace("0.1", "[1, 2, 3]")), 3),
        (compare("{random: {n: 30}}", BASE.replace("0.1", "{range: [1, 30]}")), 30),
        (compare("{random: {n: 4}}", BASE + "schedule: [constant, cosine]\ndtype: [float64, float32]\n"), 4),
        # one kind has few settings, the other endless ones
        (
            compare("{random: {n: 40}}", BASE.replace("{kind: gd, lr: 0.1}", "[{kind: gd, lr: {log: [1, 2]}}, adam]")),
            40,
        ),
        # drawn settings are crossed with what is not theirs
        (compare("{seeds: 3, random: {n: 5}}", RANGES), 15),
        (compare("{seeds: 1, candidates: [{epochs: [1, 2]}], random: {n: 5}}", RANGES), 10),
        (compare("{candidates: [{model: {l2: {log: [1, 2]}}, random: {n: 3}}], random: {n: 5}}", RANGES), 15),
        # steps of a zip are drawn whole
        (compare("{random: {n: 2}, zip: {optimizer.lr: [1, 2, 3], epochs: [4, 5, 6]}}"), 2),
        # seeds are never drawn
        (compare("{random: {n: 5}}", RANGES + "seed: [1, 2, 3]\n"), 15),
    ],
)
def test_number_of_draws(text: str, number: int) -> None:
    assert len(sweep_of(text).entries) == number


def write(folder: Path, **texts: str) -> list[str]:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)
    return [str(folder / f"{name}.yaml") for name in texts]


def test_files_without_compare_are_candidates(tmp_path: Path) -> None:
    files = write(tmp_path, a=BASE, b=BASE.replace("lr: 0.1", "lr: [1, 2]"), c=BASE + "name: see\n")
    (found,) = expand(files, ["seed=0..1", "compare.target=0.5"], "all")
    assert [candidate.label for candidate in found.candidates] == ["a", "b", "see"]
    assert [str(candidate.file) for candidate in found.candidates] == files
    assert Counter(entry.candidate for entry in found.entries) == {0: 2, 1: 4, 2: 2}
    assert (found.name, found.swept, found.options.target) == ("all", (LR, "seed"), 0.5)
    (tmp_path / "d").mkdir()
    (found,) = expand([files[0], *write(tmp_path / "d", a=BASE)], [], "all")
    assert [str(candidate.label) for candidate in found.candidates] == [
        f"a ({tmp_path}/a.yaml)",
        f"a ({tmp_path}/d/a.yaml)",
    ]


def test_files_with_compare_are_experiments(tmp_path: Path) -> None:
    files = write(tmp_path, a=compare("{seeds: 2}"), b=compare("{seeds: 3}") + "name: other\n")
    assert [(found.name, len(found.entries)) for found in expand(files)] == [("a", 2), ("other", 3)]
    assert [found.name for found in expand(files[:1], name="x")] == ["x"]
    assert [found.name for found in expand(files[:1], ["name=y"])] == ["y"]
    assert [found.name for found in expand(write(tmp_path, plain=BASE))] == ["plain"]


def test_dicts() -> None:
    config = {
        "name": "x",
        "model": {"kind": "surface", "function": "quadratic"},
        "optimizer": {"kind": "gd", "lr": [0.1, 0.2]},
        "steps": 5,
    }
    (found,) = expand([config])
    assert [entry.varied for entry in found.entries] == [{LR: 0.1}, {LR: 0.2}]


def test_train_ignores_what_is_compared() -> None:
    block = "{seeds: 3, candidates: [{optimizer: [adam, lion]}], random: {n: 3}}"
    assert canonical(read(compare(block)).config) == canonical(read(BASE).config)
    assert load({"compare": None, "model": {"kind": "surface", "function": "beale"}, "optimizer": "adam", "steps": 3})


def test_kinds_agree_on_which_settings_are_lists_and_which_whole() -> None:
    for key, family in families().items():
        for part in family.choices().values():
            for name, hint in setting_types(part).items():
                assert options(hint) == options(setting_hints()[f"{key}.{name}"]), (key, name)


def test_ten_thousand_runs_take_seconds() -> None:
    text = compare("{seeds: 4, candidates: [{optimizer: {lr: {log: [1e-4, 1, 1250]}}}, {optimizer: adam}]}")
    started = time.process_time()
    found = sweep_of(text, "descent.batch_size=16,32")
    assert len(found.entries) == 10_008
    assert time.process_time() - started < 4  # 0.7 s here; four times that before anyone is told
