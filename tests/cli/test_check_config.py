"""`gdrun check` of configs that make one run each: the whole config, the data, the plan."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.driver import BOWL, GALLERY, LINE, gdrun, listing
from tests.cli.tables import frame


def test_check_prints_the_whole_config_the_data_and_the_plan() -> None:
    frame().to_csv("d.csv", index=False)
    Path("c.yaml").write_text(
        "dataset: {kind: csv, path: d.csv, target: price, drop: [kind]}\n"
        "model: {kind: mlp, hidden: [4]}\noptimizer: adam\nepochs: 3\n"
    )
    text = gdrun("check", "c.yaml", "seed=5").ok()
    run = re.search(r"run (r[0-9a-f]{11}), not trained yet; 29 parameters, 6 steps \(3 epochs\); to results/c", text)
    assert run is not None
    assert "# size: feature, numbers (" in text
    assert "# town: feature, categories (3 categories: Bonn, Jena, Ulm)" in text
    assert "# price: target, numbers (" in text
    assert "# examples: training 48 · validation 12 · features: 5" in text
    assert "# hint: the target is large for a network: try dataset.standardize_target=true" in text
    assert listing(Path()).keys() == {"c.yaml", "d.csv"}

    Path("resolved.yaml").write_text(text)  # what it prints is a config itself: the same run
    assert f"run {run[1]}, not trained yet" in gdrun("check", "resolved.yaml").ok()
    assert "seed: 5\n" in text
    assert "beta1: 0.9" in text
    gdrun("train", "resolved.yaml").ok()
    assert "trained already" in gdrun("check", "c.yaml", "seed=5").ok()
    assert "hint" not in gdrun("check", "c.yaml", "dataset.standardize_target=true").ok()


def test_check_of_a_surface_and_of_several() -> None:
    Path("bowl.yaml").write_text(BOWL)
    Path("line.yaml").write_text(LINE)
    text = gdrun("check", "bowl.yaml", "line.yaml").ok()
    assert "# quadratic in 2 variables · gd lr 0.05" in text
    assert "2 parameters, 10 steps; to results/bowl" in text
    assert "to results/line" in text


@pytest.mark.parametrize("config", GALLERY, ids=lambda path: str(path.stem))
def test_every_config_of_the_gallery_checks(config: Path) -> None:
    assert "hint" not in gdrun("check", config).ok()
