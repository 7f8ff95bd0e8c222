"""`gdrun train` of what was trained before: not again, or with --rerun to the same bits."""

from __future__ import annotations

import pandas as pd

from gdrun.experiment.results.folder import Folder
from tests.cli.driver import DIVERGES, LINE, RESULTS, gdrun, last, listing, objects, write


def test_the_same_command_again_trains_nothing() -> None:
    write(line=LINE)
    gdrun("train", "line.yaml").ok()
    before = listing(RESULTS)
    said = gdrun("train", "line.yaml")
    assert said.ok().startswith("trained before, not again (--rerun does): finished: 3 epochs in ")
    assert listing(RESULTS) == before


def test_json_is_the_same_for_a_run_that_was_there() -> None:
    write(line=LINE, diverges=DIVERGES.replace("0.2", "1e200"))
    arguments = ("train", "line.yaml", "diverges.yaml", "--format", "json")
    first, again = (objects(gdrun(*arguments).out) for _ in range(2))
    assert [one.pop("again") for one in first] == [False, False]
    assert [one.pop("again") for one in again] == [True, True]
    assert [list(one.items()) for one in again] == [list(one.items()) for one in first]
    assert first[1]["final_train_loss"] is None


def test_a_diverged_run_is_not_trained_again_and_still_ends_with_3() -> None:
    write(diverges=DIVERGES)
    assert gdrun("train", "diverges.yaml").code == 3
    before = listing(RESULTS)
    assert gdrun("train", "diverges.yaml").code == 3
    assert listing(RESULTS) == before


def test_rerun_trains_again_in_place_to_the_same_bits() -> None:
    write(line=LINE)
    gdrun("train", "line.yaml").ok()
    first = Folder(RESULTS / "line")
    history, seconds = first.history(), last("line")["seconds"]
    gdrun("train", "line.yaml", "--rerun").ok()
    assert last("line")["seconds"] != seconds
    assert len(first.rows()) == 1
    pd.testing.assert_frame_equal(
        first.history().drop(columns="seconds"), history.drop(columns="seconds"), check_exact=True
    )


def test_a_rerun_that_is_not_the_same_is_shouted_about() -> None:
    write(line=LINE)
    gdrun("train", "line.yaml", "--quiet").ok()
    assert not gdrun("train", "line.yaml", "--quiet", "--rerun").ok()
    history = RESULTS / "line" / "history.csv"
    lines = history.read_text().splitlines()
    cells = lines[2].split(",")
    number = lines[0].split(",").index("train_loss")
    was, cells[number] = cells[number], "1.5"
    history.write_text("\n".join([*lines[:2], ",".join(cells), *lines[3:], ""]))
    said = gdrun("train", "line.yaml", "--quiet", "--rerun")
    assert said.code == 1
    assert said.err.endswith(f"in the same environment: train_loss at step 1 was 1.5 and is {was}\n")
    assert was in history.read_text()
    assert gdrun("train", "line.yaml", "--quiet", "--rerun").code == 0
