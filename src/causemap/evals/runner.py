"""Tasks to samples: in this process, in a pool of processes, or on a Dask cluster.

All three run :func:`causemap.evals.work.answer`; only where it runs differs, so the samples are the
same. A worker that dies loses nothing that was answered: its open tasks are given to another.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures import as_completed as completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Thread
from typing import Any, Final, Self

from causemap.errors import IncompleteError, UsageError
from causemap.evals.answers import Sample
from causemap.evals.work import Job, Task, answer

RESTARTS: Final = 3
# Seconds for an answer that is broken off to end the program it has started.
_LAST_WORD: Final = 2.0


class Pool:
    """Processes that answer tasks, and outlive one run where several share them.

    What a process has read (the market, notes, measured dossiers) it finds again in the next run.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._processes: ProcessPoolExecutor | None = None

    def processes(self) -> ProcessPoolExecutor:
        """The running processes, begun on first use."""
        if self._processes is None:
            # Fresh interpreters: a worker holds nothing of this process, labels least of all.
            spawned = multiprocessing.get_context("spawn")
            self._processes = ProcessPoolExecutor(
                self.workers, mp_context=spawned, initializer=end_with_parent
            )
        return self._processes

    def close(self) -> None:
        """End the processes; tasks not begun are dropped. The next use begins new ones."""
        if self._processes is not None:
            self._processes.shutdown(wait=True, cancel_futures=True)
        self._processes = None

    def __enter__(self) -> Self:
        """The pool itself, closed at the end of the block."""
        return self

    def __exit__(self, *_raised: object) -> None:
        """Close."""
        self.close()


def end_with_parent() -> None:
    """Let this worker end when the process that began it is gone, killed ones too.

    Each worker holds both ends of the pool's queue, so none would ever see it closed: it would
    answer what is left in it, and then wait for ever.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        Thread(target=_watch, args=(parent,), name="parent", daemon=True).start()


def _watch(parent: BaseProcess) -> None:
    parent.join()
    # Nobody reads on: what the interrupt below would say is for nobody.
    sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  for the moment left
    # The answer under way ends what it has started; then the worker ends, whatever it does.
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(_LAST_WORD)
    os._exit(1)


def run_tasks(
    job: Job,
    tasks: Sequence[Task],
    workers: int,
    scheduler: str | None = None,
    pool: Pool | None = None,
) -> Generator[Sample]:
    """Samples as they are done, each task once; ``workers`` 0 means in this process.

    Closed early it drops what is not begun.

    A ``pool`` given is used in place of a new one of ``workers`` processes, and left open.

    Raises:
        UsageError: the job cannot be run at all, or Dask is asked for and not installed.
        IncompleteError: workers died again and again.
    """
    if scheduler is not None:
        yield from _on_cluster(job, tasks, scheduler)
    elif workers == 0:
        thread = ThreadPoolExecutor(1)
        try:
            yield from _collected({thread.submit(answer, job, task): task for task in tasks})
        finally:
            # A run that stops early asks nothing more.
            thread.shutdown(cancel_futures=True)
    elif pool is not None:
        yield from _in_pool(job, tasks, pool)
    else:
        with Pool(workers) as own:
            yield from _in_pool(job, tasks, own)


def _in_pool(job: Job, tasks: Sequence[Task], pool: Pool) -> Iterator[Sample]:
    """What the processes answer; when one of them dies, new ones are given what is open."""
    open_tasks = {task.key: task for task in tasks}
    for _ in range(1 + RESTARTS):
        asked = _submitted(pool.processes(), job, list(open_tasks.values()))
        for sample in _collected(asked):
            del open_tasks[sample.key]
            yield sample
        if not open_tasks:
            return
        pool.close()
    raise IncompleteError(
        f"Workers died {1 + RESTARTS} times with {len(open_tasks)} windows open; what was answered "
        "is kept. Run the same command again, with fewer --workers."
    )


def _submitted(pool: Executor, job: Job, tasks: Sequence[Task]) -> dict[Future[Sample], Task]:
    return {pool.submit(answer, job, task): task for task in tasks}


def _collected(asked: dict[Future[Sample], Task]) -> Iterator[Sample]:
    for future in completed(asked):
        error = future.exception()
        if isinstance(error, BrokenProcessPool):
            continue
        yield future.result() if error is None else failed(asked[future], error)


def failed(task: Task, error: BaseException) -> Sample:
    """The sample of a task whose system broke; a job that is wrong as a whole is raised."""
    if isinstance(error, UsageError | KeyboardInterrupt | SystemExit):
        raise error
    # Priced, so that a failure stays in every count of windows.
    fault = f"{type(error).__name__}: {str(error)[:200]}"
    return Sample(task.key, None, fault, priced=True, seconds=0.0)


def _on_cluster(job: Job, tasks: Sequence[Task], scheduler: str) -> Iterator[Sample]:
    try:
        from distributed import Client
    except ImportError as missing:
        raise UsageError(
            "--scheduler needs Dask, which is not installed; install causemap[dask], "
            "or leave the option out to use a pool of processes here."
        ) from missing
    try:
        client: Any = Client(scheduler, timeout="20s")  # type: ignore[no-untyped-call]  # untyped
    except (OSError, ValueError) as fault:
        raise UsageError(f"No Dask scheduler answers at {scheduler}: {fault}.") from fault
    try:
        yield from _from_client(client, job, tasks)
    finally:
        client.close()


def _from_client(client: Any, job: Job, tasks: Sequence[Task]) -> Iterator[Sample]:
    from distributed import as_completed as answered

    # Impure: every task has a key of its own and is never taken from an older run's results.
    asked: dict[Any, Task] = {
        client.submit(answer, job, task, pure=False, retries=RESTARTS): task for task in tasks
    }
    futures: Iterable[Any] = answered(list(asked))  # type: ignore[no-untyped-call]  # untyped
    for future in futures:
        error = future.exception()
        yield future.result() if error is None else failed(asked[future], error)
