"""Kernels of a whole system: each as it is first called in a short run in which all happens."""

import copy
import sys

import numpy as np
import pytest

from scalelab.models.system_parts import (
    AppTier,
    Cache,
    Database,
    Demand,
    SessionStore,
    System,
)
from scalelab.sim import (
    _system_cache,
    _system_database,
    _system_kernel,
    _system_lines,
    _system_servers,
    _system_setup,
    system,
)
from scalelab.sim._compiled import Kernel
from scalelab.sim.system_needs import Autoscaler, Clients, Fault, Guards

SMALL = System(
    demand=Demand(rate_per_s=150.0, write_share=0.2, keys=40),
    app=AppTier(servers=2, cores=1, app_s=0.012),
    database=Database(replicas=1, cores=1, connections=1),
    cache=Cache(capacity=15, ttl_s=1.0),
    sessions=SessionStore(cores=1),
)
NEEDS = {
    "clients": Clients(timeout_s=0.06, retries=1),
    "guards": Guards(line_limit=4, checks_deadline=True, single_flight=True, pool_timeout_s=0.02),
    "faults": [Fault(kind="cache flush", at_s=0.5)],
    "autoscaler": Autoscaler(
        every_s=1,
        high=0.5,
        low=0.1,
        add=1,
        remove=1,
        cooldown_s=0,
        startup_s=0.5,
        min_servers=1,
        max_servers=3,
    ),
}


KERNELS_HERE = {
    kernel.py_func.__name__: kernel
    for module in (
        _system_lines,
        _system_servers,
        _system_cache,
        _system_database,
        _system_kernel,
    )
    for kernel in vars(module).values()
    if isinstance(kernel, Kernel)
}


def first_calls():
    """What each kernel is given when it is called first."""
    seen = {}

    def look(frame, event, _):
        kernel = KERNELS_HERE.get(frame.f_code.co_name)
        if event != "call" or kernel is None or kernel in seen:
            return
        if frame.f_code.co_filename == kernel.py_func.__code__.co_filename:
            names = frame.f_code.co_varnames[: frame.f_code.co_argcount]
            seen[kernel] = copy.deepcopy(tuple(frame.f_locals[name] for name in names)), ()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(system, "can_compile", lambda: False)
        patch.setattr(_system_setup, "as_objects", lambda books: books)
        patch.setattr(_system_setup, "put_back", lambda objects, books: None)
        sys.setprofile(look)
        try:
            system.simulate_system(SMALL, 2, rng=np.random.default_rng(5), **NEEDS)
        finally:
            sys.setprofile(None)
    return seen


KERNELS = first_calls()
