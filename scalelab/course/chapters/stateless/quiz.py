"""Questions on stateless and stateful servers."""

from __future__ import annotations

import numpy as np

from scalelab.course.quiz import Numeric, Trap, Variant
from scalelab.course.quiz_text import choice
from scalelab.models.operational_laws import mean_number
from scalelab.models.placement import wrong_server_share
from scalelab.models.power_of_choices import mean_response_in_services


def misses(rng: np.random.Generator) -> Variant:
    """Ask for the share of requests that find no session."""
    servers = int(rng.integers(2, 11))
    answer = 100 * float(wrong_server_share(servers))
    traps = [Trap(100.0, "One server does have the session, and now and then it is hit.")]
    if servers > 2:
        traps.append(
            Trap(100 / servers, "That is the share that finds it: one server of all has it.")
        )
    return Variant(
        prompt=f"Sessions are in the memory of {servers} servers, and each request goes to one of "
        "them at random. What percentage of the requests after the log-in find no session?",
        answer=answer,
        solution=f"One of {servers} has it, so 1 − 1/{servers} = {answer:.1f} % miss.",
        traps=tuple(traps),
        tolerance=0.01,
    )


def whole_visit(rng: np.random.Generator) -> Variant:
    """Ask how many visits pass without any miss."""
    servers, pages = int(rng.integers(2, 5)), int(rng.integers(2, 5))
    answer = 100 * (1 - float(wrong_server_share(servers))) ** pages
    return Variant(
        prompt=f"Sessions in the memory of {servers} servers, routing at random. A visit is the "
        f"log-in and {pages} more requests. What percentage of the visits see no log-out at all?",
        answer=answer,
        solution=f"All {pages} must hit the same one of {servers}: (1/{servers})^{pages} = "
        f"{answer:.2f} %.",
        traps=(
            Trap(100 / servers, "That is one request. All of them must hit."),
            Trap(
                100 / servers ** (pages + 1),
                "The log-in may go anywhere. Only the requests after it must hit.",
            ),
        ),
    )


def random_response(rng: np.random.Generator) -> Variant:
    """Ask for the mean response under random routing."""
    load = float(rng.choice([0.5, 0.6, 0.75, 0.8, 0.9, 0.95]))
    service_ms = int(rng.choice([10, 20, 40]))
    answer = service_ms * float(mean_response_in_services(load, 1))
    return Variant(
        prompt="Stateless servers, each request to one of them at random, Poisson arrivals, "
        f"exponential service of {service_ms} ms on average, {100 * load:g} % load. What is the "
        "mean response time, in milliseconds?",
        answer=answer,
        solution="Each server is an M/M/1 queue, however many there are: "
        f"{service_ms}/(1 − {load:g}) = {answer:g} ms.",
        traps=(
            Trap(float(service_ms), "That is the service alone. There is also the line."),
            Trap(
                service_ms * float(mean_response_in_services(load, 2)),
                "That is what the better of two choices gives, in a large fleet.",
            ),
        ),
        tolerance=0.01,
    )


def look_ups(rng: np.random.Generator) -> Variant:
    """Ask how many look-ups are under way at once."""
    rate, lookup_ms = int(rng.choice([400, 800, 2_000, 5_000])), int(rng.choice([2, 3, 4, 8]))
    answer = float(mean_number(rate, lookup_ms / 1e3))
    return Variant(
        prompt=f"A stateless service takes {rate:,} requests per second and looks each user up in "
        f"a store, which takes {lookup_ms} ms. How many look-ups are under way, on average?",
        answer=answer,
        solution=f"Little's law: {rate:,} × {lookup_ms / 1e3:g} = {answer:g}.",
        traps=(
            Trap(float(rate), "That many begin in a second, and each is soon over."),
            Trap(answer * 1e3, "Take the look-up in seconds: the rate is per second."),
        ),
        tolerance=0.01,
    )


def token_size(rng: np.random.Generator) -> Variant:
    """Ask for the bytes of a token that carries a session."""
    size = 3 * int(rng.integers(100, 700))
    answer = 36.0 + 4 * size / 3 + 43 + 2
    return Variant(
        prompt=f"A session takes {size:,} bytes as JSON. How many bytes is the signed token "
        "(HS256) that carries it? Head and signature take 36 and 43 characters, with a dot "
        "between parts.",
        answer=answer,
        solution=f"Base64 makes four characters of three bytes: {4 * size // 3:,}, plus 36, 43 and "
        f"two dots: {answer:,.0f}.",
        traps=(
            Trap(size + 81.0, "The claims are in base64 as well, a third longer."),
            Trap(2 * size + 81.0, "Two characters for a byte would be hexadecimal."),
        ),
        tolerance=0.005,
    )


QUESTIONS = (
    Numeric("misses", misses, "1. The wrong server"),
    choice(
        "stateless-means",
        """
        A service keeps its sessions in a shared store. Is it stateless?
        + Its servers are: nothing is lost with one of them, and any of them will do.
        : The word is about the servers. The state has moved to the store.
        - No, since it has sessions.
        : Nearly every application has state. The question is who keeps it.
        - Yes, since requests are self-contained.
        : They are not: each needs the store to be answered.
        """,
        "4. Repeated work",
    ),
    Numeric("whole-visit", whole_visit, "1. The wrong server"),
    choice(
        "logout",
        """
        A log-out must hold everywhere and at once, also for a stolen credential. Which of these can
        do it?
        + A session id, with sessions in a shared store.
        : Delete the session and every server knows.
        - A signed token that lives for 30 minutes.
        : No server is asked, so the copy works until it expires.
        + A signed token and a list of revoked ones that each server asks.
        : That works, and the list is shared state again.
        - A longer key for the signature.
        : The stolen token has a valid signature. Its key is not the matter.
        """,
        "2. The same cart, in four styles",
    ),
    Numeric("random-response", random_response, "3. Freedom to choose a server"),
    choice(
        "free-routing",
        """
        Stateless servers may be chosen at random. What is a good reason to do something else?
        + At high load random lines are long: looking at two of them makes waiting shorter.
        : Random routing sends requests to a busy server while another is idle.
        - Otherwise answers differ between the servers.
        : They do not, that is the point of being stateless.
        - Random routing gives each server another number of requests in the long run.
        : In the long run the numbers are even. It is the moments that are not.
        """,
        "3. Freedom to choose a server",
    ),
    Numeric("look-ups", look_ups, "4. Repeated work"),
    choice(
        "intermittent",
        """
        Three servers with sessions in memory, routing in turn. A user logs in again whenever he is
        asked to. What happens in the end?
        + He is logged in everywhere, and has three carts.
        : One session on each server, each with a third of what he chose.
        - He is asked again and again, for ever.
        : Each log-in leaves a session on one more server. After three there is none left that asks.
        - All is well once he has logged in three times.
        : It looks so. Then he looks into the cart.
        """,
        "1. The wrong server",
    ),
    Numeric("token-size", token_size, "5. Larger requests"),
    choice(
        "websocket",
        """
        A common editor keeps a document's last edits in the memory of one server, and its users
        hold connections to it. Which is right?
        + Stateful suits it, if edits are also written to a log from which another server can go on.
        : The memory makes it fast, and the log makes a crash bearable.
        - It must be made stateless to scale.
        : Documents can be spread over servers. Each needs one place where edits meet.
        - Memory is enough, since the connection stays open.
        : Until the server is restarted, which each deployment does.
        """,
        "6. Which, then?",
    ),
)
