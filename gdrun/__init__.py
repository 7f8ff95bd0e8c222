"""gdrun, a command-line experiment runner for gradient descent; this is its Python side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from gdrun.experiment.config import ConfigError
    from gdrun.notebook.calls import compare, train

__all__ = ["ConfigError", "__version__", "compare", "train"]

_HOMES = {
    "ConfigError": "gdrun.experiment.config",
    "compare": "gdrun.notebook.calls",
    "train": "gdrun.notebook.calls",
}


def __getattr__(name: str) -> Any:
    # found when first asked for: `gdrun --help` needs neither NumPy nor pydantic
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'gdrun' has no attribute {name!r}")
