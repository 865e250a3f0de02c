"""Brute force for birth–death chains: solve the balance equations as a linear system."""

import numpy as np
import pytest


def solve_chain(births, deaths):
    """Stationary shares of a chain from its transition matrix; births[n] leads from n to n+1."""
    size = len(births) + 1
    generator = np.diag(births, 1) + np.diag(deaths, -1)
    generator -= np.diag(generator.sum(axis=1))
    equations = np.vstack([generator.T, np.ones(size)])
    return np.linalg.lstsq(equations, np.append(np.zeros(size), 1.0))[0]


@pytest.fixture
def stationary():
    return solve_chain
