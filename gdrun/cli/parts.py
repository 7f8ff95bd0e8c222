"""`gdrun list`: every part with its parameters, defaults and a line of explanation, read off the parts themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from gdrun.cli.exits import UsageError
from gdrun.cli.words import plain
from gdrun.data import Dataset
from gdrun.descent.activations import ACTIVATIONS
from gdrun.descent.losses import Loss
from gdrun.descent.models import Model
from gdrun.descent.optimizers import Optimizer
from gdrun.descent.parts import Part, Setting, settings_of
from gdrun.descent.schedules import Schedule
from gdrun.descent.surfaces import Surface
from gdrun.experiment.config.families import Descent

FAMILIES: Mapping[str, type[Part]] = {
    "optimizers": Optimizer,
    "schedules": Schedule,
    "models": Model,
    "losses": Loss,
    "variants": Descent,
    "datasets": Dataset,
    "surfaces": Surface,
}


def list_parts(wanted: str | None) -> None:
    """Print all parts, those of one kind, or all about one part. Raises UsageError."""
    names = [*FAMILIES, "activations"]
    kinds = [name for name in names if wanted in (None, name, name.removesuffix("s"), name.removesuffix("es"))]
    parts = [part for family in FAMILIES.values() for kind, part in family.kinds.items() if kind == wanted]
    if not kinds and not parts:
        near = get_close_matches(
            wanted or "", [*names, *(kind for family in FAMILIES.values() for kind in family.kinds)], 1
        )
        hint = f"; did you mean {near[0]}?" if near else f": {', '.join(names)}, or a part's name"
        raise UsageError(f"no kind of part {wanted!r}{hint}")
    for kind in kinds:
        print(plain("\n".join(family_lines(kind))))
    for part in parts:
        print(plain("\n".join(part_lines(part))))


def family_lines(kind: str) -> Iterator[str]:
    """A family: its parts, each with its settings; those that all have come once, at the end."""
    yield kind
    if kind == "activations":
        yield from (f"  {name:12} {activation.summary}" for name, activation in ACTIVATIONS.items())
    else:
        family = FAMILIES[kind]
        shared = settings_of(family)
        for name, part in family.kinds.items():
            if part.python_only:
                continue
            yield f"  {name:15} {part.summary()}"
            own = [
                n
                for n, limits in settings_of(part).items()
                if n not in shared or _default(limits) == "required" or _default(limits) != _default(shared[n])
            ]
            if own:
                yield f"  {'':15} {' · '.join(shown(part, n) for n in own)}"
        common = [n for n in shared if _default(shared[n]) != "required"]
        if common:
            yield f"  {'all have':15} {' · '.join(shown(family, n) for n in common)}"
    yield ""


def part_lines(part: type[Part]) -> Iterator[str]:
    """One part: every setting with its default, range and explanation."""
    yield f"{part.kind}: {part.summary()}"
    for name, limits in settings_of(part).items():
        yield f"  {name:20} {_default(limits):12} {_range(limits):14} {limits.help}"
    yield ""


def shown(part: type[Part], name: str) -> str:
    """A setting with its default."""
    default = _default(settings_of(part)[name])
    return name if default == "-" else f"{name} ({default})" if default == "required" else f"{name} {default}"


def _default(limits: Setting) -> str:
    if limits.required:
        return "required"
    if limits.default is None:
        return "-"
    if isinstance(limits.default, tuple):
        return str(list(limits.default))
    return str(limits.default).lower() if isinstance(limits.default, bool) else f"{limits.default}"


def _range(limits: Setting) -> str:
    low = (
        f"> {limits.above:g}"
        if limits.above is not None
        else f"≥ {limits.at_least:g}"
        if limits.at_least is not None
        else ""
    )
    high = (
        f"< {limits.below:g}"
        if limits.below is not None
        else f"≤ {limits.at_most:g}"
        if limits.at_most is not None
        else ""
    )
    return " ".join(filter(None, (low, high)))
