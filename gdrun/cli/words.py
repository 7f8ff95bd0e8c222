"""Numbers and settings as people read them."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import TextIO

from gdrun.experiment.problem import Problem

BARS = "▁▂▃▄▅▆▇█"
PLAIN_BARS = "_.-=+*%#"
LARGE_TARGET = "hint: the target is large for a network: try dataset.standardize_target=true"


def number(value: float | None, digits: int = 4) -> str:
    """So many significant digits; a dash for nothing."""
    if value is None:
        return "-"
    if not math.isfinite(value):
        return str(value)
    return f"{value:.{digits}g}" if value == 0 or 1e-3 <= abs(value) < 1e6 else f"{value:.{digits - 1}e}"


def share(value: float | None) -> str:
    """An accuracy or R² with three decimals."""
    return "-" if value is None else f"{value:.3f}"


def amount(value: float) -> str:
    """1.1 M, 43 k."""
    if not math.isfinite(value):
        return "-"
    for limit, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if value >= limit:
            return f"{value / limit:.3g}{unit}"
    return f"{value:.3g}"


def count(found: int, what: str) -> str:
    """1 run, 2 runs."""
    return f"{found} {what}{'' if found == 1 else 's'}"


def size(held: float) -> str:
    """Bytes: 1.2 MB, 340 kB."""
    return f"{amount(held)}B" if held >= 1000 else f"{held:.0f} B"


def duration(seconds: float) -> str:
    """0.1 s, 2 min 5 s, 3 h 12 min."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


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
