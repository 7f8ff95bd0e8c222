"""Built-in, generated and file datasets: read, split, standardised, encoded."""

# in the order in which `gdrun list` shows them
from gdrun.data.shipped import BreastCancer, Diabetes, Digits, Iris, Wine
from gdrun.data.csv_file import Csv
from gdrun.data.matrix_files import Npz, Svmlight
from gdrun.data.generated import Blobs, Circles, Linear, Moons, Sandwich, Spirals, Xor
from gdrun.data.sparse import Sparse
from gdrun.data.arrays import Arrays
from gdrun.data.dataset import Dataset, content_hash
from gdrun.data.prepare import Data, large_target, prepare
from gdrun.data.preprocessing import Preprocessing
from gdrun.data.table import Column, DataError, Encoding, Examples, Field, Table

__all__ = [
    "Arrays",
    "Blobs",
    "BreastCancer",
    "Circles",
    "Column",
    "Csv",
    "Data",
    "DataError",
    "Dataset",
    "Diabetes",
    "Digits",
    "Encoding",
    "Examples",
    "Field",
    "Iris",
    "Linear",
    "Moons",
    "Npz",
    "Preprocessing",
    "Sandwich",
    "Sparse",
    "Spirals",
    "Svmlight",
    "Table",
    "Wine",
    "Xor",
    "content_hash",
    "large_target",
    "prepare",
]
