"""What `gdrun train` says of divergence: before the first step where that is certain, and after the last."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from gdrun.experiment.foresight import warning
from tests.cli.driver import BOWL, CLASSES, CONFIGS, DIVERGES, LINE, gdrun

FLAT = LINE.replace("epochs: 3", "descent: batch\nepochs: 3")


def warnings_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("warning: ")]


@pytest.mark.parametrize(
    ("config", "overrides", "warning"),
    [
        # the steeper direction of the bowl has λ = 20: |1 - 20 lr|
        (BOWL, ["optimizer.lr=0.2"], "lr 0.2 is above 2/L = 0.1: predicted to diverge by ×3 a step"),
        (BOWL, ["optimizer.lr=0.101"], "lr 0.101 is above 2/L = 0.1: predicted to diverge by ×1.02 a step"),
        # 2 (1 + β)/L = 0.15
        (BOWL, ["optimizer={kind: momentum, lr: 0.16, momentum: 0.5}"], "above the largest stable rate = 0.15:"),
        (BOWL, ["optimizer.weight_decay=20", "optimizer.lr=0.06"], "above the largest stable rate = 0.05:"),
        (BOWL, ["model={kind: surface, function: saddle}", "optimizer.lr=5"], "lr 5 is above 2/L = "),
        (FLAT, ["optimizer.lr=50"], "lr 50 is above 2/L = "),
        (LINE, ["optimizer.lr=50", "descent.batch_size=8"], "lr 50 is above 2/L = "),
    ],
)
def test_certain_divergence_is_told_before_the_first_step(config: str, overrides: list[str], warning: str) -> None:
    Path("config.yaml").write_text(config)
    said = gdrun("train", "config.yaml", *overrides, "--allow-diverged")
    (line,) = warnings_of(said.err)
    assert warning in line
    assert said.err.index(line) < said.err.index("train loss")
    again = gdrun("train", "config.yaml", *overrides, "--allow-diverged")
    assert warnings_of(again.err) == []  # nothing is about to be trained
    assert gdrun("train", "config.yaml", *overrides, "--allow-diverged", "--rerun", "--quiet").err == ""


@pytest.mark.parametrize(
    ("config", "overrides"),
    [
        (BOWL, []),
        (BOWL, ["optimizer.lr=0.0999"]),
        (BOWL, ["optimizer={kind: adam, lr: 5}"]),
        (BOWL, ["optimizer.lr=5", "optimizer.clip_norm=1"]),
        (BOWL, ["model={kind: surface, function: rosenbrock}", "optimizer.lr=5"]),
        (CLASSES, ["optimizer.lr=1000"]),
        (FLAT, ["loss=huber", "optimizer.lr=1000"]),
        (FLAT, ["model={kind: mlp, hidden: [3]}", "optimizer.lr=1000"]),
    ],
)
def test_what_is_not_certain_is_not_foretold(config: str, overrides: list[str]) -> None:
    Path("config.yaml").write_text(config)
    assert warnings_of(gdrun("train", "config.yaml", *overrides).err) == []


def test_the_summary_of_a_diverged_run_says_since_when_and_how_fast() -> None:
    Path("bowl.yaml").write_text(DIVERGES)
    first, again = (gdrun("train", "bowl.yaml").out.splitlines() for _ in range(2))
    begins, factor, distance = re.match(  # type: ignore[union-attr]
        r"it diverged: from step (.+?) the loss grew, .* the factor (.+?) a step \(the distance by (.+?)\)",
        first[-1],
    ).groups()
    # the loss is ½ (16 · 0.8²ⁿ + 20 · 9ⁿ): in the long run by the factor 9
    assert begins == "0"
    assert float(factor) == pytest.approx(9, rel=0.01)
    assert float(distance) == pytest.approx(3, rel=0.01)
    assert again[-1] == first[-1]
    healthy = gdrun("train", "bowl.yaml", "optimizer.lr=0.05").ok()
    assert "it diverged" not in healthy


def test_training_a_network_imports_no_scipy() -> None:
    code = (
        "import sys; from gdrun.cli.app import run; "
        f"sys.argv = ['gdrun', 'train', {str(CONFIGS / 'quickstart.yaml')!r}, 'epochs=1', '-q']; code = run(); "
        "sys.exit(code or ('scipy' in sys.modules and 'scipy was imported') or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_dear_or_overflows_is_not_foretold(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("line.yaml").write_text(FLAT)
    with monkeypatch.context() as patched:
        patched.setattr(warning, "CHEAP", 0.0)
        assert warnings_of(gdrun("train", "line.yaml", "optimizer.lr=50").err) == []
    Path("steep.yaml").write_text(BOWL.replace("[4, 1]", "[1e308, 1e308]"))
    said = gdrun("train", "steep.yaml", "optimizer.lr=0.2")
    assert (said.code, warnings_of(said.err)) == (3, [])
