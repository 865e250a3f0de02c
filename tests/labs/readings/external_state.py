"""Answers to the lab on external state, written from its page alone."""

from itertools import takewhile

from scalelab.fakes.sessions.session_store import SessionConflictError, SessionStoreDownError


def waiting(commands, rtt_s):
    trains = []
    for command in takewhile(lambda c: not c.after_answer, commands):
        if trains and not command.needs_previous:
            trains[-1].append(command)
        else:
            trains.append([command])
    return len(trains) * rtt_s


def sliding(events, ttl_s):
    """For each load, go back through the events of its session to the last use."""
    answers = {}

    def alive(i):
        now_s, _, name = events[i]
        for j in range(i - 1, -1, -1):
            then_s, verb, who = events[j]
            if who != name:
                continue
            if verb == "delete":
                return False
            if verb == "save" or answers[j]:
                return now_s - then_s < ttl_s
        return False

    for i, (_, verb, _) in enumerate(events):
        if verb == "load":
            answers[i] = alive(i)
    return list(answers.values())


def cart(store, item, attempts):
    added, left = False, attempts
    while left and not added:
        left -= 1
        items, version = store.load()
        items.append(item)
        try:
            store.save(items, version)
            added = True
        except SessionConflictError:
            added = False
    return added


def page(path, session_id, store):
    try:
        session = store.load(session_id)
        known = "yes" if session is not None else "no"
    except SessionStoreDownError:
        session, known = None, "nobody knows"
    status = {
        ("/catalogue", "yes"): 200,
        ("/catalogue", "no"): 200,
        ("/catalogue", "nobody knows"): 200,
        ("/checkout", "yes"): 200,
        ("/checkout", "no"): 401,
        ("/checkout", "nobody knows"): 503,
    }[path, known]
    return status, session["user"] if session else None
