"""The page of `gdrun report`: what it says, how large it is, that it needs nothing else, and where it is written."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from gdrun.experiment.comparison import read
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.runs import find_folder
from gdrun.pictures.report import page, recipe, table
from gdrun.pictures.report.page import chapter, report
from gdrun.pictures.report.paths import outline, outlines, paths
from gdrun.pictures.scene import scene
from tests.cli.driver import BOWL, DIVERGES, LINE, Said, gdrun, listing

HOSTILE = "<script>alert(1)</script>"
SWEEP = f"""\
dataset: {{kind: linear, examples: 60, features: 1}}
model: linear
epochs: 4
compare:
  seeds: [3, 5]
  candidates:
    - optimizer: {{kind: gd, lr: [0.01, 0.1, 10]}}
    - optimizer: {{kind: adam, lr: [0.01, 0.1]}}
      descent: {{batch_size: 8}}
      label: '{HOSTILE}'
    - zip: {{optimizer.lr: [0.1, 0.2], optimizer.momentum: [0.5, 0.9]}}
      optimizer: {{kind: momentum}}
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    for name, text in (("sweep", SWEEP), ("bowl", BOWL), ("line", LINE)):
        (folder / f"{name}.yaml").write_text(text)
        gdrun("compare" if "compare" in text else "train", folder / f"{name}.yaml", "--results", folder, "-q").ok()
    return folder


class Outline(HTMLParser):
    """The addresses and tags of a page, and the text outside of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attributes if name in ("src", "href", "action", "data")]

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] not in (["script"], ["style"]):
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")


def written(results: Path, *arguments: str | Path) -> Outline:
    (file,) = gdrun("report", *arguments, "--results", results).ok().split()
    return Outline(Path(file).read_text())


def test_a_page_has_all_its_parts_and_no_address_but_its_own(results: Path) -> None:
    page = written(results, "sweep")
    assert sorted(page.addresses) == sorted(f"#e0-{run}" for run in find_folder("sweep", results).rows())
    for heading in ("The question", "The answer", "Curves", "Sensitivity to the learning rate", "Surface", "The runs",
                    "What happened, and why", "How to reproduce it"):  # fmt: skip
        assert heading in page.text
    assert "14 runs; final validation loss decides." in page.text
    assert "95 % interval" in page.text
    assert "differences are exploratory until --confirm" in page.text
    assert "gdrun compare sweep.yaml" in page.text
    assert "final train loss" in page.text


def test_names_and_labels_are_text(results: Path) -> None:
    content = report([(find_folder("sweep", results), None)])
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in content
    assert HOSTILE not in content
    assert Outline(content).text.count(HOSTILE) > 3
    assert "\\u003cscript\\u003ealert(1)" in content


def test_its_config_gives_the_same_runs(results: Path, tmp_path: Path) -> None:
    folder = find_folder("sweep", results)
    found = chapter(folder).recipe
    (tmp_path / "again.yaml").write_text(found.config)
    assert found.command == "gdrun compare sweep.yaml"
    gdrun("compare", tmp_path / "again.yaml", "--results", tmp_path, "-q").ok()
    assert Folder(tmp_path / "again").rows().keys() == folder.rows().keys()
    (place,) = found.places
    assert place[1] == 14
    assert {"gdrun", "python", "numpy", "cpu"} <= place[0].keys()


def test_a_config_that_would_give_other_runs_is_not_shown(results: Path) -> None:
    folder = find_folder("sweep", results)
    with patch.object(recipe, "_sweep", lambda *_: {"model": "linear", "dataset": {"kind": "linear"}, "epochs": 4,
                                                    "optimizer": {"kind": "gd", "lr": 0.1}}):  # fmt: skip
        shown = scene(folder)
        assert recipe.recipe(shown, read(folder)).config == ""
    assert recipe.recipe(shown, read(folder)).config != ""


def test_the_best_runs_come_first_and_what_diverged_last(results: Path) -> None:
    found = chapter(find_folder("sweep", results)).runs
    column = found.headings.index("final validation loss")
    lasting = [float(row[column].value) for row in found.rows if row[1].text == "finished"]
    assert lasting == sorted(lasting)
    assert [row[1].text for row in found.rows] == ["finished"] * len(lasting) + ["diverged"] * (14 - len(lasting))
    assert 0 < len(lasting) < 14


def test_a_run_s_own_config_gives_the_same_run(results: Path, tmp_path: Path) -> None:
    (told,) = chapter(find_folder("line", results)).told
    (tmp_path / "line.yaml").write_text(told.config)
    gdrun("train", tmp_path / "line.yaml", "--results", tmp_path, "-q").ok()
    assert list(Folder(tmp_path / "line").rows()) == [told.run]


def test_runs_on_fresh_seeds_are_ranked_and_drawn(results: Path) -> None:
    gdrun("compare", results / "sweep.yaml", "--name", "fresh", "--results", results, "-q", "--confirm", "3").ok()
    found = chapter(find_folder("fresh", results))
    assert "ranked on fresh seeds, which had no part in the choice of the settings" in found.answers[0].cautions
    assert found.charts[0].note == "median and range of 3 fresh seeds"
    assert len(found.runs.rows) == 14 + 3 * 3
    assert found.recipe.command == "gdrun compare fresh.yaml --confirm 3"


def test_it_is_small_enough_for_fifty_runs(tmp_path: Path) -> None:
    (tmp_path / "many.yaml").write_text(
        "dataset: diabetes\nmodel: linear\ndescent: batch\nepochs: 200\n"
        "optimizer: {kind: gd, lr: {log: [1e-3, 1, 10]}}\ncompare: {seeds: 5}\n"
    )
    gdrun("compare", tmp_path / "many.yaml", "--results", tmp_path, "-q").ok()
    page = written(tmp_path, "many")
    assert page.text.count("looked at: its ") == 50
    assert (tmp_path / "many/report.html").stat().st_size < 3_000_000


def test_every_run_is_explained_with_what_was_looked_at(results: Path) -> None:
    found = {told.run: dict(told.lines) for told in chapter(find_folder("sweep", results)).told}
    assert found.keys() == find_folder("sweep", results).rows().keys()
    looked = "its 5 records · the curvature at its start · the lowest loss · the gradient noise at its start"
    assert {lines["looked at"] for lines in found.values()} == {looked.replace("5", "2", 1), looked}
    assert not any("not measured" in lines for lines in found.values())


def test_a_run_for_which_there_is_no_time_is_explained_from_its_records(results: Path) -> None:
    with patch.object(page, "SECONDS", 0.0):
        found = [dict(told.lines) for told in chapter(find_folder("sweep", results)).told]
    assert [lines["looked at"].partition(" · ")[0] for lines in found].count("its 5 records") == 12
    later = "the curvature at its start: other runs took the time"
    assert [lines.get("not measured") for lines in found].count(later) == 14
    assert all(lines[""] for lines in found)


def test_of_many_runs_the_first_are_told_and_the_others_counted(results: Path) -> None:
    with patch.object(table, "MOST_ROWS", 5):
        found = chapter(find_folder("sweep", results))
    assert (len(found.told), found.untold) == (5, 9)


def test_where_it_is_written(results: Path, tmp_path: Path) -> None:
    run = next(iter(find_folder("line", results).rows()))
    for arguments, file in (
        (["line"], "line/report.html"),
        (["line/last"], f"line/{run[:5]}-report.html"),
        (["line", "bowl"], "report.html"),
    ):
        assert gdrun("report", *arguments, "--results", results).ok() == f"{results / file}\n"
        assert (results / file).is_file()
    both = Outline((results / "report.html").read_text())
    assert both.addresses[:2] == ["#e0", "#e1"]
    assert [each[:5] for each in both.addresses[2:]] == ["#e0-r", "#e1-r"]
    elsewhere = tmp_path / "page.html"
    assert gdrun("report", "line", "--results", results, "-o", elsewhere).ok() == f"{elsewhere}\n"
    assert "line" in [each.name for each in results.iterdir()]
    assert "report" not in gdrun("show", "--results", results).ok()


@pytest.mark.parametrize(
    ("command", "text", "code"), [("train", LINE, 0), ("train", DIVERGES, 3), ("compare", SWEEP, 0)]
)
def test_commands_that_train_write_it_at_the_end(tmp_path: Path, command: str, text: str, code: int) -> None:
    (tmp_path / "a.yaml").write_text(text)
    plain = gdrun(command, tmp_path / "a.yaml", "--results", tmp_path / "plain")
    said = gdrun(command, tmp_path / "a.yaml", "--results", tmp_path / "results", "--report")
    assert (plain.code, said.code) == (code, code)
    (file,) = (tmp_path / "results/a").glob("*report.html")
    assert f"report in {file}\n" in said.err
    assert "report" not in said.out
    assert not list(tmp_path.glob("plain/a/*.html"))
    quiet = gdrun(command, tmp_path / "a.yaml", "--results", tmp_path / "results", "--report", "--quiet")
    assert quiet.err == ""


def test_a_shard_that_is_not_the_last_writes_none(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SWEEP)
    gdrun("compare", tmp_path / "a.yaml", "--results", tmp_path, "--shard", "0/2", "--report").ok()
    assert not list(tmp_path.rglob("report.html"))


@pytest.mark.parametrize("command", [["report", "line"], ["train", "line.yaml"], ["compare", "line.yaml"]])
def test_it_is_shown(results: Path, tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "line.yaml").write_text(LINE)
    named = [str(tmp_path / each) if each.endswith(".yaml") else each for each in command]
    shown: list[str] = []
    with patch("typer.launch", shown.append):
        gdrun(*named, "--results", results, "--open").ok()
    assert len(shown) == 1
    assert re.fullmatch(r"file:///.*/line/(r[0-9a-f]{4}-)?report\.html", shown[0])


def test_results_are_only_read(results: Path) -> None:
    before = listing(results / "sweep")
    gdrun("report", "sweep", "--results", results).ok()
    before.pop("report.html", None)
    after = listing(results / "sweep")
    after.pop("report.html")
    assert after == before


def test_all_diverged_one_point_and_failed(tmp_path: Path) -> None:
    texts = {
        "lost": DIVERGES,
        "point": BOWL.replace("steps: 10", "steps: 1") + "record: {every: 5}\n",
        "failed": LINE,
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text)
        gdrun("train", tmp_path / f"{name}.yaml", "--results", tmp_path, "-q")
    runs = tmp_path / "failed/runs.csv"
    runs.write_text(runs.read_text().replace(",finished,,", ",failed,it broke,"))
    pages = {name: written(tmp_path, name) for name in texts}
    assert "the loss grew" in pages["lost"].text
    assert "failed: it failed: it broke" in " ".join(pages["failed"].text.split())
    assert "Curves" in pages["point"].text


@pytest.mark.parametrize("flags", [(), ("--report", "--quiet"), ("--report",)])
def test_what_takes_long_says_so(flags: tuple[str, ...], results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gdrun.cli.patience.FIRST", 0)
    command = ("train", str(results / "line.yaml"), *flags) if flags else ("report", "line")
    said = gdrun(*command, "--results", results)
    assert ("drawing and explaining line: " in said.err) is ("--quiet" not in flags)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["nothing"], "no experiment 'nothing' in"), (["line/rffff"], "no run 'rffff' in line"), ([], "")],
)
def test_what_is_not_there(results: Path, arguments: list[str], message: str) -> None:
    said: Said = gdrun("report", *arguments, "--results", results)
    assert said.code == 2
    assert said.err.startswith(message)


def test_a_page_that_cannot_be_written(results: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = gdrun("report", "line", "--results", results, "-o", tmp_path / "file/a.html")
    assert said.code == 74
    assert said.err.count("\n") == 1


def test_data_that_are_gone_leave_a_page_without_what_needs_them(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("x,y\n" + "".join(f"{i},{2 * i + i % 3}\n" for i in range(60)))
    (tmp_path / "a.yaml").write_text(
        f"dataset: {{kind: csv, path: {data}, target: y}}\nmodel: linear\nepochs: 2\n"
        "optimizer: {kind: gd, lr: 0.1}\ncompare: {candidates: [{optimizer.lr: [0.1, 0.2]}]}\n".replace(
            "candidates: [{optimizer.lr: [0.1, 0.2]}]", "seeds: 2"
        )
    )
    gdrun("compare", tmp_path / "a.yaml", "--results", tmp_path, "-q").ok()
    whole = written(tmp_path, "a")
    assert "gdrun compare a.yaml" in whole.text
    assert str(data) in whole.text
    data.unlink()
    without = written(tmp_path, "a")
    assert "Curves" in without.text
    assert "no such file" in without.text
    assert "gdrun compare a.yaml" not in without.text


def test_the_files_of_the_page_are_in_the_package() -> None:
    from importlib.resources import files

    folder: Any = files("gdrun.pictures.report")
    assert {"page.html", "page.css", *page.SCRIPTS} <= {each.name for each in folder.iterdir()}


def test_the_curvature_at_the_end_is_that_where_the_path_ends(tmp_path: Path) -> None:
    (tmp_path / "well.yaml").write_text(
        "model: {kind: surface, function: double_well, start: [0.5]}\noptimizer: {kind: gd, lr: 0.05}\nsteps: 200\n"
    )
    gdrun("train", tmp_path / "well.yaml", "--results", tmp_path, "-q").ok()
    (tmp_path / "well/weights").rename(tmp_path / "elsewhere")
    (told,) = chapter(find_folder("well", tmp_path)).told
    x = find_where_flat()
    said = dict(told.lines)
    assert said["looked at"].endswith("the curvature at its start · the lowest loss · the curvature at its end")
    assert f"{12 * 0.25 - 4:.4g} at the start" in said["measured"]
    assert f"is {12 * x * x - 4:.4g} at the end" in said["measured"]


def find_where_flat() -> float:
    """The right minimum of (x² - 1)² + 0.3 x, by Newton's iterations."""
    x = 1.0
    for _ in range(50):
        x -= (4 * x**3 - 4 * x + 0.3) / (12 * x**2 - 4)
    return x


def test_the_outline_of_a_path_keeps_corners_in_place_and_in_time() -> None:
    steps = np.arange(7.0)
    straight = np.column_stack([steps, 2 * steps]).astype(float)
    assert outline(straight, steps, 0.1).tolist() == [0, 6]
    waits = np.array([[0, 0], [0, 0], [0, 0], [0, 0], [1, 0], [2, 0], [3, 0]], float)
    assert outline(waits, steps, 0.1).tolist() == [0, 3, 6]
    corner = np.array([[0, 0], [1, 0], [2, 0], [3, 0], [3, 1], [3, 2], [3, 3]], float)
    assert outline(corner, steps, 0.1).tolist() == [0, 3, 6]
    assert outline(corner, steps, 5.0).tolist() == [0, 6]
    assert outline(corner[:1], steps[:1], 0.1).tolist() == [0]
    wild = [(np.random.default_rng(seed).normal(size=(50, 2)), np.arange(50.0)) for seed in range(4)]

    def size(most: int) -> int:
        return sum(len(each) for each in outlines(wild, 0.1, most))

    assert size(200) == 200
    assert 8 <= size(40) <= 40
    assert size(2) == 8  # two points a path, however few are wanted


def test_all_paths_are_shown_those_of_the_best_settings_in_front(results: Path) -> None:
    shown = scene(find_folder("sweep", results))
    found = paths(shown, 0.0)
    ids = [track.run for track in found.ground.tracks]
    best = {str(run.row["id"]) for panel in shown.panels() for each in panel.candidates for run in each.runs}
    assert set(ids[: found.front]) == best
    assert sorted(ids) == sorted(find_folder("sweep", results).rows())
    assert (found.front, found.left_out) == (6, 0)
    reach = max(float(np.abs(track.points).max()) for track in found.ground.tracks)
    assert reach < 100  # those with lr 10 go to 1e5 and beyond
    assert found.cut == 2


def test_paths_that_were_not_kept_are_replayed_if_there_is_time(results: Path, tmp_path: Path) -> None:
    copytree(results / "sweep", tmp_path / "sweep")
    rmtree(tmp_path / "sweep/paths")
    shown = scene(Folder(tmp_path / "sweep"))
    assert (paths(shown, 1e9).left_out, paths(shown, 0.0).left_out) == (0, 8)
    kept = {track.run: track.points for track in paths(scene(find_folder("sweep", results)), 0.0).ground.tracks}
    replayed = paths(shown, 1e9).ground.tracks
    assert all(np.array_equal(track.points, kept[track.run]) for track in replayed)
    assert {track.replayed for track in replayed} == {True}
