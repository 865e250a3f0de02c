"""A cluster that works in rounds: private work, a shared section, an exchange between all pairs."""

from __future__ import annotations

import numpy as np

from scalelab import _validate as v


def cluster_throughput_per_s(
    nodes: int,
    job_s: float,
    rounds: int,
    *,
    sigma: float,
    kappa: float,
    rng: np.random.Generator,
) -> float:
    r"""Jobs per second that a cluster completes, measured over a number of rounds.

    Parameters
    ----------
    nodes : int
        Nodes of the cluster, n >= 1; each does one job a round.
    job_s : float
        Mean seconds of a job on a single node, > 0.
    rounds : int
        Rounds to measure, >= 1.
    sigma : float
        Share of a job that only one node may do at a time, in [0, 1].
    kappa : float
        Mean time of one exchange with another node, as a share of a job, >= 0.
    rng : numpy.random.Generator
        Draws the lengths of shared sections and exchanges, all exponential.

    Returns
    -------
    float
        Jobs completed over the time that they took.

    Notes
    -----
    In a round the nodes do their private work side by side, then each takes its turn in the
    shared section, then each exchanges a message with every other over one common link. A round
    takes :math:`1 - \sigma + n\sigma + n(n-1)\kappa` mean jobs on average, so the throughput of
    a long run is that of the universal scalability law. A round waits for all its nodes;
    where nodes go on at their own pace, the law is only an approximation.

    References
    ----------
    Gunther, "A general theory of computational scalability based on rational functions",
    arXiv:0808.1431, 2008.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> rate = cluster_throughput_per_s(10, 0.001, 5_000, sigma=0.02, kappa=0.0005, rng=rng)
    >>> round(rate, -2)
    8200.0
    """
    name = "cluster_throughput_per_s"
    number = v.count(name, "nodes", nodes, maximum=v.MOST_STEPS)
    job = v.number(name, "job_s", job_s)
    times = v.count(name, "rounds", rounds, maximum=v.MOST_STEPS)
    shared = v.number(name, "sigma", sigma, minimum=0)
    v.fraction(name, "sigma", shared)
    exchange = v.number(name, "kappa", kappa, minimum=0)
    v.generator(name, rng)
    jobs = number * times
    # The sum of k exponential times is gamma distributed: one draw stands for all of them.
    sections = shared * rng.gamma(jobs)
    exchanges = exchange * rng.gamma(jobs * (number - 1)) if number > 1 else 0.0
    total = (1 - shared) * times + sections + exchanges
    return float(jobs / (job * total))
