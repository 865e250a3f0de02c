"""Both of our forms of a simulator, with numba and without."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from benchmarks.rounds import Contender
from scalelab.sim._compiled import can_compile


def engines(name: str, run: Callable[[], Any], requests: int) -> tuple[Contender, ...]:
    """Both of our forms, the compiled one first if there is one."""

    def plain() -> Any:
        before = os.environ.get("SCALELAB_NO_NUMBA")
        os.environ["SCALELAB_NO_NUMBA"] = "1"
        try:
            return run()
        finally:
            if before is None:
                del os.environ["SCALELAB_NO_NUMBA"]
            else:
                os.environ["SCALELAB_NO_NUMBA"] = before

    compiled = Contender(name=f"{name}, numba", run=run, requests=requests)
    without = Contender(name=f"{name}, plain", run=plain, requests=requests)
    return (compiled, without) if can_compile() else (without,)
