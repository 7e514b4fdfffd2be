"""A batch on the workers of a Dask cluster: an existing scheduler and folders that all share.

Only :class:`concurrent.futures.Executor` is used of it. A task that was lost with its worker is
given to another one by the scheduler.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from helpers.errors import InputError, ParameterError
from helpers.run.parts import run_part_remotely
from helpers.run.pool import Pool

CONNECT_SECONDS = 10


@contextlib.contextmanager
def cluster_pool(address: str) -> Iterator[Pool]:
    """The workers of a scheduler.

    Parameters
    ----------
    address : str
        For instance ``tcp://10.0.0.1:8786``.

    Yields
    ------
    Pool

    Raises
    ------
    ParameterError
        Nobody answers at the address, or it has no workers.
    InputError
        Dask is not installed.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError(
            "--scheduler needs Dask, which is not installed here: install the project with its "
            "extra 'cluster' (python bootstrap.py cluster)."
        ) from error
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise ParameterError(
            f"--scheduler {address}: no scheduler answers there ({type(error).__name__}). "
            "Start one with: dask scheduler"
        ) from error
    try:
        workers = client.scheduler_info(n_workers=-1)["workers"]
        if not workers:
            raise ParameterError(
                f"--scheduler {address}: it has no workers. Start some with: dask worker {address}"
            )
        executor = client.get_executor(pure=False)
        yield Pool(executor, lambda task: executor.submit(run_part_remotely, task))
    finally:
        client.close()
