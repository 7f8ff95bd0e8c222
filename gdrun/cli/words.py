"""Settings, curves and lines as a terminal shows them."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import TextIO

from gdrun.analysis.numerals import number
from gdrun.experiment.problem import Problem

BARS = "▁▂▃▄▅▆▇█"
PLAIN_BARS = "_.-=+*%#"
LARGE_TARGET = "hint: the target is large for a network: try dataset.standardize_target=true"


def writes_unicode(stream: TextIO) -> bool:
    """Whether a stream can take characters beyond ASCII."""
    return (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "").startswith("utf")


def plain(text: str, stream: TextIO | None = None) -> str:
    """The text in ASCII where the stream takes no more."""
    if writes_unicode(stream or sys.stdout):
        return text
    for sign, word in (("·", "|"), ("×", "x"), ("–", "-"), ("…", "..."), ("²", "2"), ("μ", "mu"), ("κ", "kappa")):
        text = text.replace(sign, word)
    return text.encode("ascii", "replace").decode()


def spark(values: Sequence[float], width: int, bars: str = BARS) -> str:
    """A curve in so many characters, on a log scale where it spans a decade."""
    finite = [value for value in values if math.isfinite(value)]
    if len(finite) < 2:
        return ""
    logs = min(finite) > 0 and max(finite) > 10 * min(finite)
    chosen = (
        [finite[round(i * (len(finite) - 1) / (width - 1))] for i in range(width)] if len(finite) > width else finite
    )
    heights = [math.log(value) if logs else value for value in chosen]
    low, high = min(heights), max(heights)
    top = len(bars) - 1
    return "".join(bars[round((h - low) / (high - low) * top) if high > low else 0] for h in heights)


def described(problem: Problem) -> str:
    """One line: data, model, loss, variant, optimizer, schedule, seed, run."""
    settings, config = problem.settings, problem.config
    parts = [*_what(problem)]
    if "descent" in settings:
        how = settings["descent"]
        parts.append(f"{how['variant']} {how['batch_size']}" if "batch_size" in how else how["variant"])
    schedule = config.schedule.chosen
    rate = f"{config.optimizer.chosen} lr {number(settings['optimizer']['lr'])}"
    parts.append(rate if schedule == "constant" else f"{rate}, {schedule}")
    return " · ".join([*parts, f"seed {config.seed}", f"run {problem.id}"])


def _what(problem: Problem) -> list[str]:
    settings = problem.settings
    model = settings["model"]
    if problem.data is None or problem.network is None:
        return [f"{model['function']} in {problem.variables} variables"]
    sizes = " + ".join(str(part.m) for part in (problem.train, problem.held_out, problem.test) if part)
    widths = [problem.network.layers[0].n, *(layer.k for layer in problem.network.layers)]
    shape = "-".join(map(str, widths))
    activation = f" {model['activation']}" if "activation" in model else ""
    return [
        f"{settings['dataset']['kind']} {sizes} × {len(problem.data.feature_names)}",
        f"{model['kind']} {shape}{activation}",
        settings["loss"]["kind"],
    ]
