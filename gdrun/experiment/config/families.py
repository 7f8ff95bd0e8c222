"""The sections that are a choice among parts: which key chooses, among which kinds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache

from gdrun.descent.parts import Part, setting

Tags = tuple[tuple[str, str], ...]
"""What chose a part, such as (("kind", "surface"), ("function", "quadratic"))."""


class Descent(Part):
    """Family of descent variants: how many examples each gradient is taken over."""


class Batch(Descent, kind="batch"):
    """All m examples in every step."""


class Stochastic(Descent, kind="stochastic"):
    """One example in every step."""

    replacement: bool = setting(False, help="draw with replacement, instead of going through a shuffled order")


class Minibatch(Stochastic, kind="minibatch"):
    """A few examples in every step."""

    batch_size: int = setting(32, at_least=1, help="examples per step")


@dataclass(frozen=True)
class Family:
    """The parts that one section chooses among."""

    name: str
    parts: Mapping[str, type[Part]]
    aliases: Mapping[str, str] = field(default_factory=dict)
    tag: str = "kind"
    default: str | None = None
    """The kind of a block that names none."""
    inner: Mapping[str, Family] = field(default_factory=dict)
    """Kinds that are a choice themselves."""

    def named(self, word: object) -> object:
        """A kind without its aliases; anything else as it is."""
        return self.aliases.get(word, word) if isinstance(word, str) else word

    def kinds(self) -> list[str]:
        """All kinds, as an error lists them."""
        return [*(kind for kind, part in self.parts.items() if not part.python_only), *self.inner]

    def choices(self) -> dict[Tags, type[Part]]:
        """Every part, by what chooses it."""
        found: dict[Tags, type[Part]] = {
            ((self.tag, kind),): self.parts[kind] for kind in self.kinds() if kind in self.parts
        }
        for kind, family in self.inner.items():
            found |= {((self.tag, kind), *tags): part for tags, part in family.choices().items()}
        return found


@cache
def families() -> dict[str, Family]:
    """The choosing sections by their key, in the order in which a config is printed."""
    from gdrun.data import Dataset
    from gdrun.descent.losses import Loss
    from gdrun.descent.models import Model
    from gdrun.descent.optimizers import Optimizer
    from gdrun.descent.schedules import Schedule
    from gdrun.descent.surfaces import Surface

    surface = Family("function", Surface.kinds, Surface.aliases, tag="function")
    return {
        "dataset": Family("dataset", Dataset.kinds, Dataset.aliases),
        "model": Family("model", Model.kinds, Model.aliases, inner={"surface": surface}),
        "loss": Family("loss", Loss.kinds, Loss.aliases),
        "descent": Family("variant of descent", Descent.kinds, tag="variant", default="minibatch"),
        "optimizer": Family("optimizer", Optimizer.kinds, Optimizer.aliases),
        "schedule": Family("schedule", Schedule.kinds, Schedule.aliases, default="constant"),
    }


def squeezed(word: str) -> str:
    """A word without the capitals, dashes and underscores that people write differently."""
    return re.sub("[^a-z0-9]", "", word.lower())


def nearest(word: str, options: list[str], habits: Mapping[str, str] | None = None) -> str | None:
    """The option that a near miss, or a word used elsewhere, probably means."""
    plain = squeezed(word)
    meant = {squeezed(option): option for option in options}
    meant = {habit: kind for habit, kind in (habits or {}).items() if kind in options} | meant
    # difflib is quadratic in the length of the word
    close = [plain] if plain in meant else get_close_matches(plain[:40], meant, 3, 0.7)
    swapped = [other for other in close if sorted(other) == sorted(plain)]
    return next((meant[other] for other in (*swapped, *close)), None)
