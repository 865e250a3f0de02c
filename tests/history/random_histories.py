"""Small random histories, most of them wrong in some way, and the parts of a history."""

from dataclasses import replace

from scalelab.history.operations import Operation


def random_history(
    rng, clients=3, operations=6, keys=1, unknown=0.1, mean_span=2.0, versions=False, values=None
):
    """Clients act one after another each; reads return some value written to the key, or None.

    Every value is written once, or only as many as `values` again and again.
    """
    drafts, free = [], [0.0] * clients
    for _ in range(operations):
        client = int(rng.integers(clients))
        begin = free[client] + rng.exponential(1.0)
        free[client] = end = begin + rng.exponential(mean_span)
        drafts.append((begin, end, client, f"k{rng.integers(keys)}", bool(rng.random() < 0.5)))
    drafts.sort()
    history, written = [], {}
    for number, (begin, end, client, key, is_write) in enumerate(drafts, 1):
        known = written.setdefault(key, [None])
        lost = is_write and rng.random() < unknown
        if is_write:
            value = number if values is None else int(rng.integers(values))
            known.append(value)
        else:
            value = known[int(rng.integers(max(0, len(known) - 3), len(known)))]
        history.append(
            Operation(
                client=f"c{client}",
                kind="put" if is_write else "get",
                key=key,
                value=value,
                invoked=begin,
                responded=None if lost else end,
                version=None if lost or not is_write or not versions else number,
            )
        )
    if versions:
        history = shuffled_versions(rng, history)
    return history


def shuffled_versions(rng, history):
    """The store decided on some other order of the writes."""
    writes = [i for i, o in enumerate(history) if o.version is not None]
    numbers = [history[i].version for i in writes]
    for _ in range(2):
        if len(numbers) > 1:
            i = int(rng.integers(len(numbers) - 1))
            numbers[i], numbers[i + 1] = numbers[i + 1], numbers[i]
    result = list(history)
    for i, number in zip(writes, numbers, strict=True):
        o = history[i]
        result[i] = replace(o, version=number)
    return result


def parts(history):
    """The history without each one operation; a write goes with the reads of its value."""
    for dropped in history:
        yield [
            o
            for o in history
            if o is not dropped
            and not (
                dropped.is_write
                and not o.is_write
                and (o.key, o.value) == (dropped.key, dropped.value)
            )
        ]
