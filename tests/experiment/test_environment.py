"""Where a run was made is said alike, whatever else was imported."""

from __future__ import annotations

import pytest
import threadpoolctl

from gdrun.experiment import environment


def test_the_blas_is_numpys_in_whatever_order_they_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    import scipy.linalg  # noqa: F401  # brings a BLAS of its own

    found = threadpoolctl.threadpool_info()
    assert sum(pool["user_api"] == "blas" for pool in found) >= 1
    said = []
    for order in (found, found[::-1]):
        monkeypatch.setattr(threadpoolctl, "threadpool_info", lambda order=order: order)
        said.append(environment._blas())
    (numpys,) = (pool for pool in found if "numpy" in pool["filepath"])
    assert said == [f"{numpys['internal_api']} {numpys['version']} {numpys['architecture']}"] * 2
