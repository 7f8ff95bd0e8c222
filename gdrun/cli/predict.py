"""`gdrun predict`: a trained model's predictions for new rows, CSV on stdout."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from gdrun.cli.exits import UsageError
from gdrun.cli.output import harmless
from gdrun.experiment.model import stored_model
from gdrun.experiment.resources import granted_memory
from gdrun.experiment.results.arrays import read_arrays
from gdrun.experiment.runs import find_run


def predict_file(wanted: str, file: str, results: Path, weights: str, probabilities: bool) -> None:
    """Print a prediction per row of a file. Raises NotFoundError, ReadError, DataError, UsageError."""
    folder, row = find_run(wanted, results)
    if not folder.weights_file(row["id"]).exists():
        raise UsageError(
            f"{wanted}: its weights were not kept; gdrun train keeps them, and compare with compare: {{save: weights}}"
        )
    try:
        model = stored_model(read_arrays(folder.weights_file(row["id"])), weights)
    except ValueError as error:
        raise UsageError(f"{wanted}: {error}") from None
    if row["status"] == "diverged":
        print(f"{row['id']} diverged: its predictions mean nothing", file=sys.stderr)
    outputs = model.outputs(model.preprocessing.features_from_file(file, granted_memory()))
    told = model.told(outputs).tolist()
    header = [model.preprocessing.target_name]
    columns = [[harmless(label) if isinstance(label, str) else label for label in told]]
    if probabilities:
        shares = model.shares(outputs)
        if shares is None:
            raise UsageError(f"{wanted}: gives no probabilities: its loss is {model.loss}")
        header += [f"probability of {name}" for name in model.preprocessing.classes or ()]
        columns += shares.T.tolist()
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(map(harmless, header))
    writer.writerows(zip(*columns, strict=True))
