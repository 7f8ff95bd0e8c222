"""Imports go one way: descent, data, analysis, experiment, pictures, and the two that stand on top."""

import ast
from pathlib import Path

import pytest

import gdrun

ROOT = Path(gdrun.__file__).parent
BELOW = {
    "descent": {"descent"},
    "data": {"descent", "data"},
    "analysis": {"descent", "data", "analysis"},
    "experiment": {"descent", "data", "analysis", "experiment"},
    "pictures": {"descent", "data", "analysis", "experiment", "pictures"},
    "notebook": {"descent", "data", "analysis", "experiment", "pictures", "notebook"},
    "cli": {"descent", "data", "analysis", "experiment", "pictures", "cli"},
}


def _imported(path: Path) -> set[str]:
    """The folders of gdrun that a file imports from, at its top and in its functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found |= {name.split(".")[1] for name in names if name.startswith("gdrun.")}
    return found


def test_every_folder_has_its_place() -> None:
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} == set(BELOW)


@pytest.mark.parametrize("folder", BELOW)
def test_a_folder_imports_from_those_below_it(folder: str) -> None:
    wrong = {str(path): _imported(path) - BELOW[folder] for path in (ROOT / folder).rglob("*.py")}
    assert {path: up for path, up in wrong.items() if up} == {}
