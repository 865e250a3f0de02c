"""Flows, loads and lines of a system within the planner's range, each where it needs the others."""

from __future__ import annotations

import numpy as np

from scalelab.models.erlang import UnstableQueueError
from scalelab.models.system_parts import System
from scalelab.planner.system_flows import FlowsByKey, SystemFlows, system_flows
from scalelab.planner.system_lines import SystemLines, system_lines
from scalelab.planner.system_loads import system_loads
from scalelab.planner.valid_range import refuse_outside


def solved_system(system: System) -> tuple[FlowsByKey, dict[str, float], SystemLines]:
    """Return flows, loads and lines of a system; refuse one outside the planner's range.

    Parameters
    ----------
    system : System
        What is there.

    Returns
    -------
    tuple of FlowsByKey, dict of str to float, SystemLines
        Rates, utilisation of each tier, waits.

    Raises
    ------
    OutsideRangeError
        A tier cannot carry the load, or the models are not known to be right there.
    """
    flows = system_flows(system)
    loads, lines = solved_with(system, flows)
    if system.cache is not None and lines.reads:  # a fill waits in the line that the misses make
        waits = np.array([wait.mean_s for wait in lines.reads])
        wait_s = float(np.average(waits, weights=flows.misses_per_s + 1e-300))
        fill_s = system.database.rtt_s / 2 + system.database.read_s + wait_s + lines.pool.mean_s
        flows = system_flows(system, fill_s=fill_s)
        loads, lines = solved_with(system, flows)
    return flows, loads, lines


def solved_with(system: System, flows: SystemFlows) -> tuple[dict[str, float], SystemLines]:
    """Return the loads and lines that flows make; refuse what is outside the range.

    Parameters
    ----------
    system : System
        What is there.
    flows : SystemFlows
        Its rates.

    Returns
    -------
    tuple of dict of str to float, SystemLines
        As of `solved_system`.

    Raises
    ------
    OutsideRangeError
        As in `solved_system`.
    """
    loads = system_loads(system, flows)
    refuse_outside(system, loads)  # before any line is asked for that grows without bound
    try:
        lines = system_lines(system, flows)
    except UnstableQueueError:  # only replay is left: beside the reads it cannot keep up
        refuse_outside(system, loads | {"replay": 1.0})
        raise
    loads["pool"] = lines.pool_utilisation
    if "replay" in loads:
        loads["replay"] = max(r.replay_utilisation if r else 0.0 for r in lines.replays)
    refuse_outside(system, loads)
    return loads, lines
