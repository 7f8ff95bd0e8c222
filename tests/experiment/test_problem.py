"""Config and data that do not fit each other."""

from __future__ import annotations

import pytest

from gdrun.experiment.config import ConfigError, load
from gdrun.experiment.problem import pose


def test_a_setting_must_not_round_to_the_end_of_its_range() -> None:
    optimizer = {"kind": "adam", "beta1": 0.99999999}
    config = {"dataset": "iris", "model": "softmax", "optimizer": optimizer, "epochs": 1}
    assert pose(load(config)).id
    with pytest.raises(ConfigError, match=r"optimizer\.beta1: 0\.99999999 is 1 in float32"):
        pose(load({**config, "dtype": "float32"}))
