"""One experiment for every combination of its settings, on all cores or on a cluster."""

from __future__ import annotations

import dataclasses
import itertools
import pickle
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, as_completed
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from scalelab import _validate as v
from scalelab.in_browser import in_browser

if TYPE_CHECKING:
    import pandas as pd


class SweepWarning(UserWarning):
    """Some cells of a sweep failed; the others are there."""


def sweep(
    function: Callable[..., Any],
    grid: Mapping[str, Sequence[Any]],
    executor: Executor | None = None,
    *,
    seed: int | None = None,
    progress: bool = False,
) -> pd.DataFrame:
    """Call a function once for each combination of arguments, and make a table of the results.

    Parameters
    ----------
    function : callable
        Called with one keyword argument for each key of `grid`. It returns a number, or a
        mapping or a dataclass of several, which become columns.
    grid : mapping
        Values of each argument. The last key varies fastest.
    executor : concurrent.futures.Executor, optional
        Where to run: a process pool, ``dask.distributed.Client(...).get_executor()`` for a
        cluster, or any other. Without one, a pool of a process for each core; in a browser, which
        has no processes, one cell after the other.
    seed : int, optional
        Gives each call a generator of its own as the argument ``rng``. Which one depends on
        the seed and the cell alone, not on where and in which order cells run.
    progress : bool
        Whether to show a bar (with tqdm, if it is installed).

    Returns
    -------
    DataFrame
        One row for each combination, in the order of the grid: its arguments, the results,
        and ``error``, which is empty where all went well.

    Raises
    ------
    ValueError
        A key would be lost among the other columns.

    Warns
    -----
    SweepWarning
        Cells failed. Their rows have no results, and say why; all other rows are complete.

    Notes
    -----
    Functions are sent by value where cloudpickle is installed, so one that is defined in a
    notebook will do. A worker that dies takes its cell along; a cluster runs it again elsewhere.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor() as threads:
    ...     table = sweep(lambda n, load: n * load, {"n": [1, 2], "load": [0.5, 0.9]}, threads)
    >>> table
       n  load  result error
    0  1   0.5     0.5
    1  1   0.9     0.9
    2  2   0.5     1.0
    3  2   0.9     1.8
    """
    if not callable(function):
        v.refuse("sweep", "function", "be callable", function)
    cells = _cells(grid)
    keywords: list[dict[str, Any]] = list(cells)
    if seed is not None:
        seeds = np.random.SeedSequence(v.count("sweep", "seed", seed, minimum=0)).spawn(len(cells))
        keywords = [cell | {"rng": s} for cell, s in zip(cells, seeds, strict=True)]
    if executor is not None and not isinstance(executor, Executor):
        v.refuse("sweep", "executor", "be a concurrent.futures.Executor", executor)
    payload = _by_value(function)
    with _running(executor) as workers:
        futures = [workers.submit(_call, payload, cell) for cell in keywords]
        try:
            for _ in _shown(as_completed(futures), len(futures), progress):
                pass
        finally:  # when it is interrupted, what has not begun need not
            for future in futures:
                future.cancel()
    rows = [_row(cell, future) for cell, future in zip(cells, futures, strict=True)]
    _tell_errors(cells, rows)
    import pandas as pd  # which takes longer to load than all this

    table = pd.DataFrame(rows)
    return table[[*(name for name in table if name != "error"), "error"]]


def _cells(grid: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    if not isinstance(grid, Mapping) or not grid:
        v.refuse("sweep", "grid", "map names of arguments to their values", grid)
    for name, values in grid.items():
        if not isinstance(name, str) or name in ("error", "result", "rng"):
            v.refuse("sweep", "grid", "have names other than error, result and rng", name)
        if isinstance(values, str) or not isinstance(values, Iterable) or not len(list(values)):
            v.refuse("sweep", f"grid[{name!r}]", "be a non-empty sequence of values", values)
    names = list(grid)
    return [dict(zip(names, values, strict=True)) for values in itertools.product(*grid.values())]


def _by_value(function: Callable[..., Any]) -> bytes | Callable[..., Any]:
    """Return what every worker can call, though it may never have seen the notebook."""
    try:
        import cloudpickle
    except ImportError:
        return function
    return cloudpickle.dumps(function)


def _call(payload: bytes | Callable[..., Any], keywords: dict[str, Any]) -> Any:
    """Run one cell, in the worker."""
    function = pickle.loads(payload) if isinstance(payload, bytes) else payload
    if isinstance(keywords.get("rng"), np.random.SeedSequence):
        keywords = keywords | {"rng": np.random.default_rng(keywords["rng"])}
    return function(**keywords)


class _InTurn(Executor):
    """Runs each call at once, here."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(function(*args, **kwargs))
        except Exception as error:
            done.set_exception(error)
        return done


@contextmanager
def _running(executor: Executor | None) -> Iterator[Executor]:
    """Give the executor, or a process pool of our own that ends with the sweep."""
    if executor is not None:
        yield executor
        return
    if in_browser():
        yield _InTurn()
        return
    import multiprocessing  # a browser cannot import them
    from concurrent.futures import ProcessPoolExecutor

    # fork would copy the threads' locks of a notebook's kernel, but not the threads
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(mp_context=context) as pool:
        yield pool


def _shown(done: Iterable[Future], total: int, progress: bool) -> Iterable[Future]:
    if not progress:
        return done
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return done
    return tqdm(done, total=total, unit="cell", file=sys.stdout)


def _row(cell: dict[str, Any], future: Future) -> dict[str, Any]:
    """Arguments and results of one cell, or the error."""
    try:
        error = future.exception()
        result = None if error else future.result()
    except BaseException as interrupted:  # cancelled, on whatever executor
        error, result = interrupted, None
    if error is not None:
        return cell | {"error": f"{type(error).__name__}: {error}"}
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        result = {f.name: getattr(result, f.name) for f in dataclasses.fields(result)}
    if not isinstance(result, Mapping):
        result = {"result": result}
    lost = set(result) & {*cell, "error"}
    if lost:
        return cell | {"error": f"ValueError: results must not be named {sorted(lost)}"}
    return cell | dict(result) | {"error": ""}


def _tell_errors(cells: list[dict[str, Any]], rows: list[dict[str, Any]]) -> None:
    failed = [i for i, row in enumerate(rows) if row["error"]]
    if failed:
        where = ", ".join(f"{name}={value!r}" for name, value in cells[failed[0]].items())
        warnings.warn(
            f"sweep: {len(failed)} of {len(rows)} cells failed; "
            f"the first with {where}: {rows[failed[0]]['error']}",
            SweepWarning,
            stacklevel=3,
        )
