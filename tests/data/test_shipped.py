"""The shipped datasets against scikit-learn's own loaders."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from sklearn import datasets as loaders

from gdrun.data import Dataset
from gdrun.data.dataset import Dataset as Family

CLASSIFICATION = ["digits", "iris", "wine", "breast_cancer"]


def kind(name: str) -> type[Dataset]:
    found: type[Dataset] = Family.kinds[name]
    return found


@pytest.mark.parametrize("name", CLASSIFICATION)
def test_equals_scikit_learn(name: str) -> None:
    table, theirs = kind(name)().read(), getattr(loaders, f"load_{name}")()
    assert np.array_equal(table.features, theirs.data)
    assert np.array_equal(table.targets, theirs.target)
    assert list(table.feature_names) == list(theirs.feature_names)
    assert table.classes == tuple(str(label) for label in theirs.target_names)


def test_diabetes_has_its_own_units() -> None:
    table, theirs = kind("diabetes")().read(), loaders.load_diabetes(scaled=False)
    assert np.array_equal(table.features, theirs.data)
    assert np.array_equal(table.targets, theirs.target)
    assert list(table.feature_names) == theirs.feature_names
    assert table.classes is None


def run(code: str) -> Any:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_digits_need_neither_pandas_nor_scikit_learn() -> None:
    code = """
import sys, gdrun.data
assert gdrun.data.Digits().read().features.shape == (1797, 64)
print(*sorted({"pandas", "sklearn", "scipy", "pydantic"} & set(sys.modules)))"""
    assert run(code) == ""
