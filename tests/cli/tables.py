"""A made table with numbers, text and targets, for the commands that take a file of data."""

from __future__ import annotations

import numpy as np
import pandas as pd


def frame(m: int = 60) -> pd.DataFrame:
    """Numbers, a text column, a regression target in the hundreds and three classes."""
    random = np.random.default_rng(3)
    size, rooms = random.normal(100, 20, m).round(1), random.integers(1, 6, m)
    town = np.array(["Ulm", "Bonn", "Jena"])[random.integers(0, 3, m)]
    price = (3 * size + 20 * rooms + random.normal(0, 5, m)).round(2)
    kind = np.array(["flat", "house", "villa"])[np.digitize(size, [90, 110])]
    return pd.DataFrame({"size": size, "rooms": rooms, "town": town, "price": price, "kind": kind})
