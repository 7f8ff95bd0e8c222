"""Pages from their templates: what is filled in is text, whatever it looks like."""

from __future__ import annotations

from importlib.resources import files
from typing import Any


def render(name: str, **values: Any) -> str:
    """A page in the style that all have."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, loader=FunctionLoader(text)
    )
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}  # Bokeh defines a model where it first stands
    return environment.get_template(name).render(style=text("page.css"), **values)


def text(name: str) -> str:
    """A file of this folder."""
    return (files("gdrun.pictures.report") / name).read_text(encoding="utf-8")
