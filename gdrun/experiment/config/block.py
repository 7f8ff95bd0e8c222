"""What all sections of a config are."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Block(BaseModel):
    """A section whose values are what they are written as: no words for numbers, no NaN, no unknown keys."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True, defer_build=True
    )

    def written(self) -> dict[str, Any]:
        """Its values that are something, as a config has them."""
        return self.model_dump(mode="json", exclude_none=True)
