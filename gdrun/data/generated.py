"""Generated datasets: formulas and NumPy's random numbers, the same bits for the same settings."""

from __future__ import annotations

import numpy as np

from gdrun.data.dataset import GENERATION, Dataset, generator
from gdrun.data.matrix import matrix_table
from gdrun.data.memory import UNLIMITED, check_table
from gdrun.data.table import DataError, Floats, Table
from gdrun.descent.parts import setting


class Linear(Dataset, kind="linear"):
    """A known linear function of the features plus noise, its condition number chosen (regression).

    The covariance of all the generated features has eigenvalues from 1 down to 1/condition, in even ratios (beyond
    the rank 0), and mean 0: with a bias, the Hessian of half_mse has that condition number exactly. Standardising
    changes it, and a split shakes it: set `standardize: false` and `validation: 0` where the number itself matters.
    """

    examples: int = setting(200, help="number of examples; more than features", at_least=2)
    features: int = setting(5, help="number of features", at_least=1)
    noise: float = setting(0.1, help="standard deviation of the noise in the target", at_least=0)
    condition: float = setting(1.0, help="condition number of the features' covariance", at_least=1)
    rank: int | None = setting(
        None, help="how many features are independent, the others sums of them; left out: all", at_least=1
    )

    def true_parameters(self) -> tuple[Floats, float]:
        """The weights (F,) and the bias that made the target."""
        parameters = generator(self.seed, GENERATION).standard_normal(self.features + 1)
        return parameters[:-1], float(parameters[-1])

    def read(self, memory: float = UNLIMITED) -> Table:
        """Features (examples, features). Raises DataError."""
        if self.examples <= self.features:
            raise DataError(f"linear: {self.features} features need more than {self.examples} examples", "examples")
        rank = self.features if self.rank is None else self.rank
        if rank > self.features:
            raise DataError(f"linear: {self.features} features have no rank {rank}", "rank")
        if rank == 1 and self.condition > 1:
            raise DataError("linear: one feature has condition 1; a larger one needs two features", "condition")
        check_table(self.examples, self.features, memory, self.kind, "examples")
        weights, bias = self.true_parameters()
        random = generator(self.seed, GENERATION)
        random.standard_normal(self.features + 1)  # the parameters
        draws = random.standard_normal((self.examples, self.features))
        rotation, _ = np.linalg.qr(random.standard_normal((self.features, self.features)))
        # Orthonormal columns of mean 0, so that the covariance is exact and not only expected.
        columns, _ = np.linalg.qr(draws - draws.mean(axis=0))
        eigenvalues = np.zeros(self.features)
        eigenvalues[:rank] = np.geomspace(1.0, 1.0 / self.condition, rank)
        features = np.sqrt(self.examples) * (columns * np.sqrt(eigenvalues)) @ rotation.T
        targets = features @ weights + bias + self.noise * random.standard_normal(self.examples)
        return matrix_table(features, targets, "linear", task="regression")


def _classes_table(kind: str, points: Floats, labels: Floats | np.ndarray[tuple[int], np.dtype[np.int64]]) -> Table:
    order = tuple(str(number) for number in range(int(labels.max()) + 1))
    return matrix_table(
        points, np.asarray(labels, np.float64), kind, target_name="class", task="classification", order=order
    )


class Blobs(Dataset, kind="blobs"):
    """Gaussian clouds, one for each class (classification)."""

    examples: int = setting(300, help="number of examples", at_least=2)
    features: int = setting(2, help="number of features", at_least=1)
    classes: int = setting(3, help="number of classes", at_least=2)
    noise: float = setting(1.0, help="standard deviation within a cloud; the centres' is 4", at_least=0)

    def read(self, memory: float = UNLIMITED) -> Table:
        """Features (examples, features). Raises DataError."""
        _enough(self.kind, self.examples, self.classes)
        check_table(self.examples, self.features, memory, self.kind, "examples")
        random = generator(self.seed, GENERATION)
        centres = 4 * random.standard_normal((self.classes, self.features))
        labels = np.arange(self.examples) % self.classes
        points = centres[labels] + self.noise * random.standard_normal((self.examples, self.features))
        return _classes_table(self.kind, points, labels)


class Sandwich(Dataset, kind="sandwich"):
    """One class in the middle, the other on both sides of it along the first feature (classification)."""

    examples: int = setting(200, help="number of examples", at_least=2)
    features: int = setting(1, help="number of features; those beyond the first tell nothing", at_least=1)
    outer: float = setting(0.5, help="share of the examples that lie outside", above=0, below=1)
    right: float = setting(0.5, help="share of those outside that lie on the right", at_least=0, at_most=1)
    noise: float = setting(0.4, help="standard deviation within a cloud; the outer centres are at -2 and 2", at_least=0)
    mirrored: bool = setting(False, help="the second half of the examples is the mirror image of the first")

    def read(self, memory: float = UNLIMITED) -> Table:
        """Features (examples, features). Raises DataError."""
        if self.mirrored and (self.examples % 2 or self.right != 0.5):
            raise DataError("sandwich: mirror images need an even number of examples and right: 0.5", "mirrored")
        check_table(self.examples, self.features, memory, self.kind, "examples")
        drawn = self.examples // 2 if self.mirrored else self.examples
        outside = round(drawn * self.outer)
        if not 0 < outside < drawn:
            raise DataError(f"sandwich: {self.examples} examples leave one class empty", "examples")
        labels = (np.arange(drawn) < outside).astype(np.float64)
        points = self.noise * generator(self.seed, GENERATION).standard_normal((drawn, self.features))
        points[:outside, 0] += np.where(np.arange(outside) < (1 if self.mirrored else self.right) * outside, 2.0, -2.0)
        if self.mirrored:
            points, labels = np.concatenate([points, -points]), np.concatenate([labels, labels])
        return _classes_table(self.kind, points, labels)


def _enough(kind: str, examples: int, classes: int) -> None:
    if examples < classes:
        raise DataError(f"{kind}: {classes} classes need at least as many examples, not {examples}", "examples")


def _noisy(kind: str, seed: int, noise: float, points: Floats, labels: Floats) -> Table:
    """Curves in the plane (m, 2) with Gaussian noise in both coordinates."""
    return _classes_table(kind, points + noise * generator(seed, GENERATION).standard_normal(points.shape), labels)


def _two(examples: int) -> tuple[Floats, Floats]:
    """Labels 0 and 1 in turn, (m,), and the place of each example along its class's curve, 0 to 1, (m,)."""
    index = np.arange(examples)
    return (index % 2).astype(np.float64), (index // 2) / max(1, (examples - 1) // 2)


class Moons(Dataset, kind="moons"):
    """Two half circles that reach into each other (classification)."""

    examples: int = setting(300, help="number of examples", at_least=2)
    noise: float = setting(0.1, help="standard deviation of the noise in both coordinates", at_least=0)

    def read(self, memory: float = UNLIMITED) -> Table:
        """Features (examples, 2). Raises DataError."""
        check_table(self.examples, 2, memory, self.kind, "examples")
        labels, along = _two(self.examples)
        upper = np.stack([np.cos(np.pi * along), np.sin(np.pi * along)], axis=1)
        points = np.where(labels[:, np.newaxis] == 0, upper, np.array([1.0, 0.5]) - upper)
        return _noisy(self.kind, self.seed, self.noise, points, labels)


class Circles(Dataset, kind="circles"):
    """A circle within a circle (classification)."""

    examples: int = setting(300, help="number of examples", at_least=2)
    noise: float = setting(0.1, help="standard deviation of the noise in both coordinates", at_least=0)
    factor: float = setting(0.5, help="radius of the inner circle; the outer one's is 1", above=0, below=1)

    def read(self, memory: float = UNLIMITED) -> Table:
        """Features (examples, 2). Raises DataError."""
        check_table(self.examples, 2, memory, self.kind, "examples")
        index = np.arange(self.examples)
        labels = (index % 2).astype(np.float64)
        angle = 2 * np.pi * (index // 2) / ((self.examples + 1) // 2)
        radius = np.where(labels == 0, 1.0, self.factor)
        points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
        return _noisy(self.kind, self.seed, self.noise, points, labels)


class Spirals(Dataset, kind="spirals"):
    """Spirals wound into each other, one for each class (classification)."""

    examples: int = setting(400, help="number of examples", at_least=2)
    classes: int = setting(2, help="number of spirals", at_least=2)
    turns: float = setting(1.5, help="how often each winds round the centre", above=0)
    noise: float = setting(0.02, help="standard deviation of the noise in both coordinates; radius 1", at_least=0)

    def read(self, memory: float = UNLIMITED) -> Table:
        """Features (examples, 2). Raises DataError."""
        _enough(self.kind, self.examples, self.classes)
        check_table(self.examples, 2, memory, self.kind, "examples")
        index = np.arange(self.examples)
        labels = index % self.classes
        radius = (1 + index // self.classes) / (1 + (self.examples - 1) // self.classes)
        angle = 2 * np.pi * (self.turns * radius + labels / self.classes)
        points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
        return _noisy(self.kind, self.seed, self.noise, points, labels.astype(np.float64))


class Xor(Dataset, kind="xor"):
    """Is the number of positive coordinates odd? No linear model can tell (classification)."""

    examples: int = setting(300, help="number of examples", at_least=2)
    features: int = setting(2, help="number of coordinates, each between -1 and 1", at_least=2)
    noise: float = setting(0.0, help="standard deviation of noise added to the coordinates afterwards", at_least=0)

    def read(self, memory: float = UNLIMITED) -> Table:
        """Features (examples, features). Raises DataError."""
        check_table(self.examples, self.features, memory, self.kind, "examples")
        random = generator(self.seed, GENERATION)
        points = random.uniform(-1, 1, (self.examples, self.features))
        labels = (points > 0).sum(axis=1) % 2
        # Both classes get half of the examples: mirroring a coordinate changes the class.
        points[labels != np.arange(self.examples) % 2, 0] *= -1
        points += self.noise * random.standard_normal(points.shape)
        return _classes_table(self.kind, points, np.arange(self.examples) % 2)
