"""Names of experiments: each is a folder on every system."""

from __future__ import annotations

RESERVED = {"con", "prn", "aux", "nul", "conin$", "conout$"} | {
    f"{port}{n}" for port in ("com", "lpt") for n in "123456789¹²³"
}


def valid_name(name: str) -> str:
    """The name itself. Raises ValueError with what is wrong with it."""
    if not name:
        raise ValueError("must not be empty")
    if not name.isprintable():
        raise ValueError("must have no control characters")
    if len(name) > 100 or len(name.encode()) > 240:
        raise ValueError("must have at most 100 characters")
    if found := sorted(set(name) & set('/\\<>:"|?*')):
        raise ValueError(f"names a folder: must not have {' '.join(found)} in it")
    if name[0] in ".- " or name[-1] in ". ":
        raise ValueError("must not begin with a dot, dash or space, nor end with a dot or space")
    if name.partition(".")[0].strip().lower() in RESERVED:
        raise ValueError("is a device on Windows: take another name")
    return name
