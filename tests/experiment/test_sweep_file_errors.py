"""Several files that make no comparison together."""

from __future__ import annotations

from pathlib import Path

import pytest

from gdrun.experiment.config import ConfigError
from gdrun.experiment.sweep import expand
from tests.experiment.sweep_cases import BASE

FILES = {
    "plain": BASE,
    "other": BASE,
    "both": BASE + "compare: {seeds: 2}\n",
    "named": BASE + "compare: {seeds: 2}\nname: both\n",
    "bad": BASE + "compare: {seeds: 0}\n",
    "worse": BASE.replace("0.1", "-1") + "compare: {}\n",
}


@pytest.mark.parametrize(
    ("files", "name", "expected"),
    [
        (
            "both plain",
            None,
            "plain.yaml: has no compare block, others have: configs are experiments or candidates of one, not both",
        ),
        (
            "plain other",
            None,
            "several configs without a compare block are candidates of one experiment: --name NAME",
        ),
        (
            "both named",
            None,
            "named.yaml: a second experiment of the name both, after both.yaml: give one a `name:`",
        ),
        (
            "both bad",
            "x",
            "bad.yaml: a second experiment of the name x, after both.yaml: give one a `name:`",
        ),
        ("plain other", "a/b", "--name: names a folder: must not have / in it"),
        ("none", None, "none.yaml: cannot be read: No such file or directory"),
        (
            "bad worse",
            None,
            "worse.yaml:3:27: optimizer.lr: must be greater than 0\nbad.yaml:5:18: compare.seeds: must be at least 1",
        ),
    ],
)
def test_files(files: str, name: str | None, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for stem, text in FILES.items():
        Path(f"{stem}.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        expand([f"{stem}.yaml" for stem in files.split()], name=name)
    assert str(caught.value) == expected
