"""Words and numbers: YAML 1.2's core schema for text, plain values for Python objects."""

from __future__ import annotations

import re
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None

WHOLE = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
BITS = 63


def scalar(word: str) -> Scalar:
    """The value of an unquoted word. Raises ValueError for whole numbers beyond 64 bits."""
    if word in WORDS:
        return WORDS[word]
    if WHOLE.fullmatch(word):
        # longer than any number of 64 bits: not converted, since that takes quadratic time
        if len(word.lstrip("+-0")) > 22:
            raise _too_large()
        base = {"0x": 16, "0o": 8}.get(word[:2], 10)
        return whole(int(word, base))
    if NUMBER.fullmatch(word):
        return float(word) + 0.0  # -0.0 becomes 0.0: one spelling of zero
    if INFINITE.fullmatch(word):
        return float(word.replace(".", ""))
    return word


def whole(number: int) -> int:
    """The number itself. Raises ValueError beyond 64 bits."""
    if not -(2**BITS) <= number < 2**BITS:
        raise _too_large()
    return number


def _too_large() -> ValueError:
    return ValueError("a whole number of more than 64 bits")
