"""Where tiles are trained: here, or on workers once that is worth it; and how they are cut for them."""

from __future__ import annotations

import pytest
from distributed import Client

from gdrun.experiment.engine import engine
from gdrun.experiment.engine.amount import Pace, amount, spread
from gdrun.experiment.engine.engine import Engine
from gdrun.experiment.engine.errors import ClusterError
from gdrun.experiment.engine.workers import Workers
from gdrun.experiment.results.folder import Finished
from tests.experiment.trained import BLOBS, SURFACE, here, kept, tiles_of


class Unwanted:
    """Workers that nobody should have started."""

    def __init__(self, jobs: int, address: str | None) -> None:
        raise AssertionError("workers were started")


@pytest.mark.parametrize(
    ("jobs", "cores", "worth"), [(1, 8, 0.0), (None, 1, 0.0), (None, 8, 1000.0)], ids=["one", "one core", "little"]
)
def test_in_process_where_workers_are_not_wanted_or_not_worth_it(
    jobs: int | None, cores: int, worth: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "Workers", Unwanted)
    monkeypatch.setattr(engine, "granted_cores", lambda: cores)
    monkeypatch.setattr(engine, "WORTH", worth)
    monkeypatch.setattr(engine, "ENOUGH", 0.0)
    cut = tiles_of(BLOBS, size=2)
    said: list[str] = []
    with Engine(jobs, None, said.append) as here_alone:
        found = [run for _, finished in here_alone.train(cut, lambda tile, rows: None) for run in finished]
    assert [run.id for run in found] == [problem.id for tile in cut for problem in tile]
    assert not said


def test_workers_take_over_once_that_is_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "granted_cores", lambda: 2)
    monkeypatch.setattr(engine, "WORTH", 0.0)
    monkeypatch.setattr(engine, "ENOUGH", 0.0)
    cut = tiles_of(BLOBS, "optimizer.lr=[0.1,0.3]", size=2)
    cut[1] = tiles_of(BLOBS, "epochs=1000000")[0][:1]  # would never be done here, or there
    said: list[str] = []
    found: list[Finished] = []
    trained = Engine(None, None, said.append)
    with trained:
        for _, finished in trained.train(cut, lambda tile, rows: None):
            found += finished
            if len(found) == sum(map(len, cut)) - 1:
                break
    assert len(said) == 1
    assert said[0].startswith("2 workers are started: about ")
    assert kept(found) == here([cut[0], *cut[2:]])


def test_workers_that_cannot_be_had_are_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing(Workers):
        there = True

        def __init__(self, jobs: int, address: str | None) -> None:
            pass

        def client(self) -> Client:
            raise ClusterError("workers could not be started: no sockets")

        def close(self) -> None:
            pass

    monkeypatch.setattr(engine, "Workers", Failing)
    monkeypatch.setattr(engine, "granted_cores", lambda: 2)
    monkeypatch.setattr(engine, "WORTH", 0.0)
    monkeypatch.setattr(engine, "ENOUGH", 0.0)
    cut = tiles_of(BLOBS, size=2)
    said: list[str] = []
    with Engine(None, None, said.append) as trained:
        found = [run for _, finished in trained.train(cut, lambda tile, rows: None) for run in finished]
    assert kept(found) == here(cut)
    assert said[1:] == ["workers could not be started: no sockets; training goes on without"]
    with Engine(2) as asked, pytest.raises(ClusterError, match="no sockets"):
        list(asked.train(cut, lambda tile, rows: None))


def test_tiles_are_spread_over_workers_the_largest_first() -> None:
    (tile,) = tiles_of(SURFACE, "seed=0..63")
    small = tiles_of(SURFACE, "seed=[0,1]", "steps=10")
    cut = spread([*small, tile], 2)
    assert [len(each) for each in cut] == [8] * 8 + [2]
    assert [one.id for each in cut[:-1] for one in each] == [one.id for one in tile]
    assert spread([tile[:15]], 100) == [tile[:15]]  # halves would be too few to share the cost of a step


def test_the_work_in_a_tile_and_how_long_it_takes() -> None:
    (tile,) = tiles_of(BLOBS.partition("compare")[0], "seed=0..9")
    parameters, batch, steps = 3 * 3, 32, 4 * 10  # 320 for training, in batches of 32
    assert tile[0].variables == parameters
    assert amount(tile) == steps * (1e5 + 10 * batch * parameters)
    (surface,) = tiles_of(SURFACE, "seed=0..9")
    assert amount(surface) == 20 * (1e5 + 10 * 2)
    pace = Pace()
    pace.note(tile, 2.0, share=0.5)
    assert pace.seconds_for([tile]) == pytest.approx(4.0)
    assert pace.seconds_for([surface]) == pytest.approx(4.0 * amount(surface) / amount(tile))
    assert pace.including(surface, 1.0, 1.0).seconds_for([surface, tile]) == pytest.approx(5.0)
    assert pace.seconds == 2.0
