"""The datasets that ship with scikit-learn, read from its data files: importing scikit-learn takes over a second."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from gdrun.data.dataset import Dataset
from gdrun.data.matrix import matrix_table
from gdrun.data.memory import UNLIMITED
from gdrun.data.table import DataError, Floats, Table


def _file(name: str) -> Path:
    package = find_spec("sklearn")
    if package is None or not package.submodule_search_locations:
        raise DataError("scikit-learn, which brings this dataset, is not installed")
    file = Path(package.submodule_search_locations[0]) / "datasets" / "data" / name
    if not file.is_file():
        raise DataError(f"the installed scikit-learn has no {file.name} at {file.parent}")
    return file


def _labelled(file: Path, names: tuple[str, ...], classes: tuple[str, ...], header: int = 1) -> Table:
    """A comma-separated file whose last column is the index of the class."""
    rows: Floats = np.loadtxt(file, delimiter=",", skiprows=header)
    labels = np.array(classes)[rows[:, -1].astype(int)]
    return matrix_table(rows[:, :-1], labels, file.name, names=names, target_name="class", order=classes)


class Digits(Dataset, kind="digits"):
    """1,797 handwritten digits, 8 × 8 pixels of 0 to 16 → 10 classes."""

    def read(self, memory: float = UNLIMITED) -> Table:
        """Features (1797, 64)."""
        names = tuple(f"pixel_{row}_{column}" for row in range(8) for column in range(8))
        return _labelled(_file("digits.csv.gz"), names, tuple("0123456789"), header=0)


class Iris(Dataset, kind="iris"):
    """150 irises, 4 lengths and widths in cm → 3 species."""

    def read(self, memory: float = UNLIMITED) -> Table:
        """Features (150, 4)."""
        names = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")
        return _labelled(_file("iris.csv"), names, ("setosa", "versicolor", "virginica"))


WINE = """alcohol malic_acid ash alcalinity_of_ash magnesium total_phenols flavanoids nonflavanoid_phenols
proanthocyanins color_intensity hue od280/od315_of_diluted_wines proline"""


class Wine(Dataset, kind="wine"):
    """178 wines, 13 chemical measurements of very different scale → 3 growers."""

    def read(self, memory: float = UNLIMITED) -> Table:
        """Features (178, 13)."""
        return _labelled(_file("wine_data.csv"), tuple(WINE.split()), ("class_0", "class_1", "class_2"))


NUCLEUS = """radius texture perimeter area smoothness compactness concavity concave_points symmetry
fractal_dimension"""


class BreastCancer(Dataset, kind="breast_cancer"):
    """569 tumours, 30 measurements of their cells' nuclei → malignant or benign."""

    def read(self, memory: float = UNLIMITED) -> Table:
        """Features (569, 30)."""
        parts = [part.replace("_", " ") for part in NUCLEUS.split()]
        names = (*(f"mean {p}" for p in parts), *(f"{p} error" for p in parts), *(f"worst {p}" for p in parts))
        return _labelled(_file("breast_cancer.csv"), names, ("malignant", "benign"))


class Diabetes(Dataset, kind="diabetes"):
    """442 patients, age, sex, body mass index, blood pressure and 6 blood values → disease progression (regression).

    The features are in their own units, as `sklearn.datasets.load_diabetes(scaled=False)` gives them.
    """

    def read(self, memory: float = UNLIMITED) -> Table:
        """Features (442, 10)."""
        features: Floats = np.loadtxt(_file("diabetes_data_raw.csv.gz"))
        targets: Floats = np.loadtxt(_file("diabetes_target.csv.gz"))
        names = ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")
        return matrix_table(features, targets, "diabetes", names=names, target_name="progression", task="regression")
