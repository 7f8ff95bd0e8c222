"""Dask workers: processes of this machine, or those of a scheduler somewhere else."""

from __future__ import annotations

import logging
import os
import signal
import warnings
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from gdrun.experiment.engine.errors import ClusterError, NoClusterError
from gdrun.experiment.engine.orphans import ending_with_us
from gdrun.experiment.signals import SAVING, STOPPING

if TYPE_CHECKING:
    from distributed import Client, LocalCluster

CONNECT = 8.0
"""Seconds within which a scheduler has to answer, and again to have a worker."""
SETTINGS: dict[str, Any] = {
    # instead of the usual dict, whose MALLOC_TRIM_THRESHOLD_ halves NumPy's speed
    "distributed.nanny.pre-spawn-environ": dict.fromkeys(
        ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), 1
    ),
    # a second try is ours to give, with nothing beside it; where a tile is trained, too
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.work-stealing": False,
    # a worker that was killed comes back; Dask's own patience ends in the middle of its next life
    "distributed.deploy.lost-worker-timeout": "10 days",
    # a dataset that goes out once is no mistake to warn of, and its copies on the workers are to stay
    "distributed.admin.large-graph-warning-threshold": "1 PB",
    "distributed.scheduler.active-memory-manager.start": False,
    # watching itself 100 times a second takes time from the training
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.tick.limit": "1 day",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.admin.system-monitor.gil.enabled": False,
}


class Workers:
    """Workers that are being started, beside whatever else is done, or that are there."""

    def __init__(self, jobs: int, address: str | None) -> None:
        self._open = ExitStack()
        self._thread = ThreadPoolExecutor(1, initializer=_shielded)
        self._client: Future[Client] = self._thread.submit(self._open.enter_context, workers(jobs, address))

    @property
    def there(self) -> bool:
        """Whether it is known if they can be had."""
        return self._client.done()

    def client(self) -> Client:
        """Wait for them. Raises ClusterError."""
        return self._client.result()

    def close(self) -> None:
        """End those of this machine, at once; leave others to themselves."""
        self._thread.shutdown()
        self._open.close()


def _shielded() -> None:
    """Keep signals from the threads that this one starts, and so from the workers: they are ours to deal with."""
    if hasattr(signal, "pthread_sigmask"):
        ours = {getattr(signal, name) for name in (*STOPPING, *SAVING)}
        signal.pthread_sigmask(signal.SIG_BLOCK, ours)
        _start_tracker()  # which lets some of them through again
        signal.pthread_sigmask(signal.SIG_BLOCK, ours)


def _start_tracker() -> None:
    """Start the process that cleans up after us; if we had no time to do so ourselves, it shall not say so."""
    from multiprocessing import resource_tracker

    before = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = ",".join(filter(None, (before, "ignore:resource_tracker")))
    try:
        resource_tracker.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONWARNINGS"]
        else:
            os.environ["PYTHONWARNINGS"] = before


@contextmanager
def workers(jobs: int, address: str | None) -> Iterator[Client]:
    """So many processes of this machine, or the workers of the scheduler at an address. Raises ClusterError."""
    import dask
    import distributed  # noqa: F401  # before its settings are changed, or its own go when the changes are undone

    with ExitStack() as stack:
        stack.enter_context(dask.config.set(SETTINGS))
        stack.enter_context(_silence())
        stack.enter_context(_without_main())
        stack.enter_context(ending_with_us())
        yield stack.enter_context(_remote(address) if address else _local(jobs))


@contextmanager
def _without_main() -> Iterator[None]:
    """Workers need gdrun alone: the script that started them is not run again in each, be it guarded or not."""
    from multiprocessing import spawn

    usual = spawn.get_preparation_data

    def prepared(name: str) -> dict[str, Any]:
        ours = name.startswith("Dask")
        return {key: value for key, value in usual(name).items() if not (ours and key.startswith("init_main"))}

    spawn.get_preparation_data = prepared
    try:
        yield
    finally:
        spawn.get_preparation_data = usual


@contextmanager
def _local(jobs: int) -> Iterator[Client]:
    from distributed import Client, LocalCluster

    try:
        cluster = LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=jobs,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # its page of metrics: else 8787, or a warning
            memory_limit=0,  # tiles are cut to fit; no spilling, pausing or killing
            silence_logs=logging.CRITICAL,
        )
    except (OSError, RuntimeError) as error:
        raise ClusterError(f"workers could not be started: {str(error).partition(chr(10))[0]}") from None
    with cluster:
        try:
            with closing(Client(cluster)) as client:  # type: ignore[no-untyped-call]
                yield client
        finally:
            _kill(cluster)


def _kill(cluster: LocalCluster) -> None:
    """End workers that may be training: Dask itself would wait for seconds, and then kill them."""
    for nanny in cluster.workers.values():
        nanny.close_gracefully()  # it shall not start another
        with suppress(ProcessLookupError):
            if nanny.pid:
                os.kill(nanny.pid, signal.SIGKILL)


@contextmanager
def _remote(address: str) -> Iterator[Client]:
    import asyncio

    from distributed import Client
    from distributed.versions import VersionMismatchWarning

    try:
        # a Client that meets something else than a scheduler is left half open, so it comes after
        asyncio.run(_knock(address))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", VersionMismatchWarning)  # what matters of it is looked at by train_on
            client = Client(address, timeout=CONNECT)  # type: ignore[no-untyped-call]
    except Exception as error:
        why = str(error) if type(error) is ValueError else "no Dask scheduler answers there"
        raise NoClusterError(f"--cluster {address}: {why}") from None
    with closing(client):
        try:
            client.wait_for_workers(1, timeout=CONNECT)
        except TimeoutError:
            raise NoClusterError(f"--cluster {address}: the scheduler has no workers") from None
        yield client


async def _knock(address: str) -> None:
    from distributed.comm.core import connect

    comm = await connect(address, timeout=CONNECT)  # type: ignore[no-untyped-call]
    await comm.close()


@contextmanager
def _silence() -> Iterator[None]:
    """Dask's log of workers that come and go: what matters of it is told by the results."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client", "tornado")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
