"""Compiled routing: each request to one of several queues, as it arrives."""

from __future__ import annotations

import numpy as np

from scalelab.sim._compiled import Kernel


@Kernel
def _in_system(now, server, departures, next_of, oldest, number):
    # forget those that have left the server by now; they leave in the order they came
    request = oldest[server]
    while request >= 0 and departures[request] <= now:
        request = next_of[request]
        number[server] -= 1
    oldest[server] = request
    return number[server]


@Kernel
def _serve_at(i, server, arrival, service, departures, next_of, oldest, newest, number):
    begin = arrival
    if oldest[server] < 0:
        oldest[server] = i
    else:
        last = newest[server]
        next_of[last] = i
        begin = max(arrival, departures[last])
    newest[server] = i
    number[server] += 1
    departures[i] = begin + service
    return begin - arrival


@Kernel
def _fixed(arrivals, services, choices, waits, departures, next_of, oldest, newest, number):
    # the server of each request is known beforehand: random, round robin, hashes, cookies
    for i in range(arrivals.size):
        server = choices[i]
        _in_system(arrivals[i], server, departures, next_of, oldest, number)
        waits[i] = _serve_at(
            i, server, arrivals[i], services[i], departures, next_of, oldest, newest, number
        )


@Kernel
def _shortest_of(
    arrivals, services, candidates, choices, waits, departures, next_of, oldest, newest, number
):
    # the shortest queue of the candidates drawn for each request; the first of equals
    for i in range(arrivals.size):
        best, fewest = -1, np.int64(0)
        for j in range(candidates.shape[1]):
            server = candidates[i, j]
            here = _in_system(arrivals[i], server, departures, next_of, oldest, number)
            if best < 0 or here < fewest:
                best, fewest = server, here
        choices[i] = best
        waits[i] = _serve_at(
            i, best, arrivals[i], services[i], departures, next_of, oldest, newest, number
        )


@Kernel
def _shortest_of_all(
    arrivals, services, starts, choices, waits, departures, next_of, oldest, newest, number
):
    # the shortest queue of all, looked for from a given server on, so that equals take turns
    servers = number.size
    for i in range(arrivals.size):
        best, fewest = -1, np.int64(0)
        for j in range(servers):
            server = (starts[i] + j) % servers
            here = _in_system(arrivals[i], server, departures, next_of, oldest, number)
            if best < 0 or here < fewest:
                best, fewest = server, here
        choices[i] = best
        waits[i] = _serve_at(
            i, best, arrivals[i], services[i], departures, next_of, oldest, newest, number
        )
