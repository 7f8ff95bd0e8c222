"""18: PyTorch's loop on the same batches from the same weights gives the same losses, whatever the batch size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.textbook.made import compared, config, lines, merged, trained

REFERENCE = np.load(Path(__file__).parents[1] / "references" / "dataloader.npz")
"""Made by tests/references/make_dataloader.py with PyTorch 2.13."""
LABELS = {142: "batch_size=142", 16: "batch_size=16", 1: "batch_size=1"}


@pytest.mark.parametrize("size", LABELS)
def test_the_losses_are_those_of_pytorch(size: int) -> None:
    settings = config("18-dataloader", record={"unit": "steps", "batch_loss": True})
    block = next(each for each in settings["compare"]["candidates"] if each["label"] == LABELS[size])
    history = trained(merged(settings, {"descent": block["descent"]})).history.set_index("step")
    whole, steps = REFERENCE[f"epochs_{size}"], REFERENCE[f"steps_{size}"]
    per_epoch = -(-142 // size)
    assert len(steps) == 8 * per_epoch == history.index.max()
    np.testing.assert_allclose(history["train_loss"].loc[::per_epoch], whole, rtol=1e-10)
    # a record holds the loss of the next step's batch
    np.testing.assert_allclose(history["batch_loss"].iloc[: len(steps)], steps, rtol=1e-10)


def test_the_batch_size_is_all_that_differs() -> None:
    found = compared(config("18-dataloader"))
    assert found.unmet == []
    rows = found.runs.set_index("id")
    settings = [name for name in rows.columns if "." in name or name in ("seed", "dtype", "epochs")]
    differing = [name for name in settings if rows[name].nunique(dropna=False) > 1]
    assert set(differing) <= {"descent.variant", "descent.batch_size", "descent.replacement"}
    assert "descent.variant" in differing
    ends = [lines(found, label)["final_train_loss"].iloc[0] for label in LABELS.values()]
    assert ends == pytest.approx([REFERENCE[f"epochs_{size}"][-1] for size in LABELS], rel=1e-10)
    assert len({round(end, 3) for end in ends}) == 3


def test_minibatch_of_all_and_of_one_are_batch_and_stochastic() -> None:
    for size, variant in ((142, "batch"), (1, "stochastic")):
        ends = [
            trained(config("18-dataloader", epochs=2, descent=descent)).history["train_loss"].to_numpy()
            for descent in ({"variant": variant}, {"variant": "minibatch", "batch_size": size})
        ]
        np.testing.assert_allclose(ends[0], ends[1], rtol=1e-12)
