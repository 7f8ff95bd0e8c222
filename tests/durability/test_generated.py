"""1,000 generated files for each reader; `python -m tests.durability.generated --times 100000` makes more."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.durability.generated import feed
from tests.durability.readers import READERS


@pytest.mark.parametrize("name", READERS)
def test_every_file_is_read_or_refused(name: str, here: Path) -> None:
    tally = feed(name, 1000)
    assert not tally.wrong, tally.wrong[0]
    assert tally.read > 100
    assert tally.refused > 100


@pytest.mark.parametrize("name", READERS)
def test_files_that_nobody_changed_are_read(name: str, here: Path) -> None:
    reader = READERS[name]()
    for file, content in reader.whole.items():
        assert reader.read(file, content, random.Random(4)), file
