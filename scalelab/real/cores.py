"""How much faster this machine gets with more threads, when part of the work holds a lock."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from dataclasses import dataclass

from scalelab import _validate as v
from scalelab.in_browser import refuse_in_browser
from scalelab.real.supervised import RealComponentError

BLOCK = bytes(1 << 16)  # hashed without the interpreter's lock, so threads do it side by side


@dataclass(frozen=True, kw_only=True)
class ThreadRun:
    """Work done by some threads in some time.

    Parameters
    ----------
    threads : int
        Threads that worked.
    jobs_per_s : float
        Jobs completed per second, by all together.
    """

    threads: int
    jobs_per_s: float


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def thread_runs(
    threads: list[int], locked_share: float, *, seconds: float = 0.25
) -> list[ThreadRun]:
    """Let threads hash blocks, a part of each job under one lock, and count the jobs.

    Parameters
    ----------
    threads : list of int
        Numbers of threads to try, each >= 1.
    locked_share : float
        Part of each job that only one thread may do at a time, in [0, 1].
    seconds : float
        How long each number of threads works, > 0.

    Returns
    -------
    list of ThreadRun
        One for each number of threads.

    Raises
    ------
    RealComponentError
        In a browser, which has no threads.
    """
    name = "thread_runs"
    numbers = [v.count(name, "threads", number) for number in threads]
    share = v.number(name, "locked_share", locked_share, minimum=0)
    if share > 1:
        v.refuse(name, "locked_share", "be a ratio in [0, 1]", share)
    v.number(name, "seconds", seconds)
    refuse_in_browser(RealComponentError)
    return [_run(number, share, seconds) for number in numbers]


def _run(threads: int, locked_share: float, seconds: float) -> ThreadRun:
    pieces = 20  # of a job; each is a hash of one block
    locked = round(pieces * locked_share)
    lock, done = threading.Lock(), [0] * threads
    begin = threading.Barrier(threads + 1)
    until = [0.0]

    def work(own: int) -> None:
        begin.wait()
        while time.perf_counter() < until[0]:
            with lock:
                for _ in range(locked):
                    hashlib.sha256(BLOCK)
            for _ in range(pieces - locked):
                hashlib.sha256(BLOCK)
            done[own] += 1

    workers = [threading.Thread(target=work, args=(i,)) for i in range(threads)]
    for worker in workers:
        worker.start()
    start = time.perf_counter()
    until[0] = start + seconds
    begin.wait()
    for worker in workers:
        worker.join()
    return ThreadRun(threads=threads, jobs_per_s=sum(done) / (time.perf_counter() - start))
