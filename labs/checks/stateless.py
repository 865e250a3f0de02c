"""Exercises of the lab on stateless servers: checkers, hints, solutions, and wrong answers."""

import base64
import hashlib
import hmac
import json
import math

from scalelab.course.check import Lab
from scalelab.course.examine import AnswerError, answered, same_number
from scalelab.fakes.sessions.token_sessions import signed_token
from scalelab.models.placement import wrong_server_share

lab = Lab("stateless")

# Task 1: visits that are cut -------------------------------------------------------------------

visits = lab.exercise(
    "visits",
    "Visits with a log-out",
    hints=(
        "Begin with one request after the log-in: what is the chance that it reaches the server "
        "that has the session?",
        "A visit without a log-out needs all of its later requests to reach that server. Each does "
        "with 1/n, whatever the others did.",
        "1 - (1 / servers) ** requests",
    ),
)


@visits.check_with
def check_visits(answer, rng):
    servers, requests = int(rng.integers(2, 9)), int(rng.integers(2, 6))
    got = answered(answer(servers, requests))
    hit = 1 - float(wrong_server_share(servers))
    why = "It is the share of your customers who call."
    if got == 1 - hit:
        why = "That is one request. A visit has several, and each can go wrong."
    elif got == hit**requests:
        why = "That is the share of visits without any log-out. The others were asked for."
    elif got == (1 - hit) ** requests:
        why = "That is the share of visits in which every request misses. One is enough."
    elif isinstance(got, float) and math.isclose(got, 100 * (1 - hit**requests)):
        why = "That is a percentage. The share lies between 0 and 1."
    elif isinstance(got, float) and math.isclose(got, 1 - (1 - hit) ** requests):
        why = "That is the share of visits in which at least one request finds the session."
    elif isinstance(got, float) and math.isclose(got, 1 - hit ** (requests + 1)):
        why = "The log-in may land anywhere: it makes the session. Only the later ones can miss."
    elif isinstance(got, float) and got > 1:
        why = "A share is at most 1. Chances of things that can both happen do not add up."
    same_number(
        got,
        1 - hit**requests,
        scenario=f"servers={servers}, requests={requests}",
        why=why,
        hint="Compute the share of visits in which nothing goes wrong, and take the rest.",
    )


@visits.solve
def cut_visits(servers, requests):
    """Take the visits in which nothing goes wrong away from all of them.

    All later requests must reach the one server that made the session. They are independent, so
    the chances multiply; what is left is the share of visits with at least one log-out.
    """
    return 1 - (1 / servers) ** requests


@visits.solve_otherwise
def cut_visits(servers, requests):
    """Add up by the first request that misses."""
    hit = 1 / servers
    return sum(hit**before * (1 - hit) for before in range(requests))


@visits.reject("one request", "That is one request")
def one_request(servers, requests):
    return 1 - (1 - wrong_server_share(servers))


@visits.reject("the visits that go well", "without any log-out")
def good_visits(servers, requests):
    return (1 - wrong_server_share(servers)) ** requests


@visits.reject("every request misses", "every request misses")
def all_missed(servers, requests):
    return (1 - (1 - wrong_server_share(servers))) ** requests


@visits.reject("a percentage", "between 0 and 1")
def percentage(servers, requests):
    return 100 * visits.solution(servers, requests)


@visits.reject("some request hits", "finds the session")
def some_hit(servers, requests):
    return 1 - wrong_server_share(servers) ** requests


@visits.reject("the log-in can miss as well", "it makes the session")
def login_too(servers, requests):
    return visits.solution(servers, requests + 1)


@visits.reject("chances are added", "do not add up")
def added_up(servers, requests):
    return requests * wrong_server_share(servers)


# Task 2: sign ----------------------------------------------------------------------------------

signing = lab.exercise(
    "sign",
    "Sign a token",
    hints=(
        "Three parts with dots between. The first two are JSON in base64url without the = at the "
        "end; the third signs the first two, with the dot.",
        "base64.urlsafe_b64encode(data).rstrip(b'=').decode() makes a part of bytes. "
        "hmac.new(key, text.encode(), hashlib.sha256).digest() signs a text.",
        "text = part(HEAD) + '.' + part(json.dumps(claims, separators=(',', ':')).encode()), and "
        "then text + '.' + part(the signature of text).",
    ),
)
HEAD, NO_ALG = b'{"alg":"HS256","typ":"JWT"}', b'{"alg":"none","typ":"JWT"}'


def part_of(data):
    """Write bytes in base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signature_of(text, key):
    """Sign a text with HMAC-SHA-256."""
    return part_of(hmac.new(key, text.encode(), hashlib.sha256).digest())


def read_part(part):
    """Read the bytes of a part, with the = put back."""
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@signing.check_with
def check_sign(answer, rng):
    claims = {"sub": str(rng.integers(1, 999)), "exp": int(rng.integers(10**9)), "n": "å?>~" * 3}
    key = rng.bytes(32)
    got = answered(answer(dict(claims), key))
    expected = signed_token(claims, key)
    if got == expected:
        return
    why = "Another program verifies this token, and it follows the standard."
    if isinstance(got, bytes):
        why = "A token is a text, and these are bytes: decode them at the end."
    parts = got.split(".") if isinstance(got, str) else []
    wanted = expected.split(".")
    in_hex = read_part(wanted[2]).hex()
    if isinstance(got, (list, tuple)):
        why = "A token is one text: join the parts with dots."
    elif parts == wanted[:2]:
        why = "The third part is missing, the signature of the first two with their dot."
    elif "=" in str(got):
        why = "The standard leaves out the = at the end: they mean something else in an address."
    elif any(sign in str(got) for sign in "+/"):
        why = (
            "A token travels in addresses and cookies. There + and / have a meaning: use the "
            "alphabet for addresses."
        )
    elif parts[2:] and parts[2] in (in_hex, part_of(in_hex.encode())):
        why = "The signature is 32 bytes. You wrote them as hexadecimal digits: take digest()."
    elif parts[:2] == wanted[:2]:
        why = (
            "The first two parts are right. The signature must cover both, with their dot, and be "
            "made with the key, or anybody could change what is not covered."
        )
    elif len(parts) == 3 and parts[0] != wanted[0]:
        why = "The head differs: it is the text in the task, byte by byte, and has no blanks."
    elif len(parts) == 3 and parts[1] != wanted[1]:
        why = "The claims are other bytes: keep their order, and what json.dumps does with letters."
        if parts[1] == part_of(json.dumps(claims).encode()):
            why = "The claims differ. Write the JSON without blanks: each byte travels each time."
    raise AnswerError(
        expected,
        repr(got),
        scenario=f"claims={claims}, key of 32 bytes",
        why=why,
        hint="Compare part by part, at the dots.",
    )


@signing.solve
def sign(claims, key):
    """Sign what is sent, byte by byte as it is sent.

    The signature covers the text of the first two parts with the dot between, so neither of them
    can be changed by somebody without the key. Nothing is secret: anybody can read the claims.
    """

    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    head = b'{"alg":"HS256","typ":"JWT"}'
    text = part(head) + "." + part(json.dumps(claims, separators=(",", ":")).encode())
    return text + "." + part(hmac.new(key, text.encode(), hashlib.sha256).digest())


@signing.solve_otherwise
def sign(claims, key):
    """Let a library do it, which is what you do at work."""
    import jwt

    return jwt.encode(claims, key, algorithm="HS256")


@signing.reject("no signature", "third part is missing")
def two_parts(claims, key):
    return signing.solution(claims, key).rpartition(".")[0]


@signing.reject("a list of parts", "join the parts")
def list_of_parts(claims, key):
    return signing.solution(claims, key).split(".")


@signing.reject("padding left on", "leaves out the =")
def padded(claims, key):
    text = ".".join(
        base64.urlsafe_b64encode(data).decode()
        for data in (HEAD, json.dumps(claims, separators=(",", ":")).encode())
    )
    signature = hmac.new(key, text.encode(), hashlib.sha256).digest()
    return text + "." + base64.urlsafe_b64encode(signature).decode()


@signing.reject("only the claims signed", "must cover both")
def claims_alone(claims, key):
    head, body, _ = signing.solution(claims, key).split(".")
    return f"{head}.{body}.{signature_of(body, key)}"


@signing.reject("a hash without the key", "made with the")
def no_key(claims, key):
    text = signing.solution(claims, key).rpartition(".")[0]
    return f"{text}.{part_of(hashlib.sha256(text.encode()).digest())}"


@signing.reject("JSON with blanks", "without blanks")
def with_blanks(claims, key):
    text = f"{part_of(HEAD)}.{part_of(json.dumps(claims).encode())}"
    return f"{text}.{signature_of(text, key)}"


@signing.reject("claims in another order", "keep their order")
def in_order(claims, key):
    ordered = json.dumps(claims, separators=(",", ":"), sort_keys=True)
    text = f"{part_of(HEAD)}.{part_of(ordered.encode())}"
    return f"{text}.{signature_of(text, key)}"


@signing.reject("a head with blanks", "The head differs")
def wide_head(claims, key):
    head = part_of(b'{"alg": "HS256", "typ": "JWT"}')
    text = f"{head}.{signing.solution(claims, key).split('.')[1]}"
    return f"{text}.{signature_of(text, key)}"


@signing.reject("the signature in hexadecimal digits", r"take digest")
def hexadecimal(claims, key):
    text = signing.solution(claims, key).rpartition(".")[0]
    return f"{text}.{part_of(hmac.new(key, text.encode(), hashlib.sha256).hexdigest().encode())}"


@signing.reject("the other alphabet", "alphabet for addresses")
def other_alphabet(claims, key):
    return signing.solution(claims, key).replace("-", "+").replace("_", "/")


@signing.reject("bytes", "these are bytes")
def as_bytes(claims, key):
    return signing.solution(claims, key).encode()


# Task 3: verify --------------------------------------------------------------------------------

verifying = lab.exercise(
    "verify",
    "Verify a token",
    hints=(
        "Three things can be wrong: it is no token, it was not signed with the key, or it has "
        "expired. For each of them return None.",
        "Compute the signature of the first two parts with the key, whatever the head says, and "
        "compare it with hmac.compare_digest before you look at the claims.",
        "Put the = back before decoding: part + '=' * (-len(part) % 4). A token is good as long as "
        "now_s < claims['exp'].",
    ),
)


def read(token):
    """Read the claims of a token, whoever signed it."""
    return json.loads(read_part(token.split(".")[1]))


def unsigned(claims):
    """Make a token that says that it needs no signature."""
    return f"{part_of(NO_ALG)}.{part_of(json.dumps(claims).encode())}."


@verifying.check_with
def check_verify(answer, rng):
    key, other = rng.bytes(32), rng.bytes(32)
    now_s = int(rng.integers(10**6, 10**9))
    claims = {"sub": str(rng.integers(1, 999)), "exp": now_s + int(rng.integers(1, 1_800))}
    good = signed_token(claims, key)
    head, _, signature = good.split(".")
    richer = part_of(json.dumps(claims | {"role": "admin"}).encode())
    ends = "exp is the first moment at which the token no longer holds, and it is now."
    late = "A token that never ends is a key that never changes. Look at exp."
    cases = [
        ("a good token", good, claims, "An honest user must get in."),
        (
            "a good token, for one more second",
            signed_token(claims | {"exp": now_s + 1}, key),
            claims | {"exp": now_s + 1},
            "Before exp the token holds, to the last second.",
        ),
        ("another key", signed_token(claims, other), None, "Anybody can make such a token."),
        (
            "claims changed after signing",
            f"{head}.{richer}.{signature}",
            None,
            "Anybody can make an administrator of himself. Compute the signature again.",
        ),
        (
            "alg is none, no signature",
            unsigned(claims),
            None,
            "The head is the attacker's as well. Never let it choose the method.",
        ),
        ("expired", signed_token(claims | {"exp": now_s - 1}, key), None, late),
        ("expires now", signed_token(claims | {"exp": now_s}, key), None, ends),
        ("no token", "hello", None, "Anything can stand in a header, and it is no reason to fail."),
    ]
    for name, token, expected, why in cases:
        try:
            got = answered(answer(token, key, now_s))
        except Exception as error:
            got = f"{type(error).__name__}: {error}"
            if expected:
                raise
        hint = "Signature first, then the end, then the claims."
        if expected and got is True:
            why = "The server wants to know who it is: return the claims."
        elif expected and isinstance(got, str):
            why = "The server wants to know who it is: return all the claims, a dictionary."
        elif expected and got is None:
            hint = (
                "Does your code catch an error of its own? base64 wants the = back, and a library "
                "that looks at the clock does not know now_s."
            )
        elif got is False or got == {}:
            why = "You refuse it, but not as agreed: the caller asks whether it is None."
        if got != expected:
            raise AnswerError(
                repr(expected),
                repr(got),
                scenario=f"{name}: {token[:70]}, now_s={now_s}",
                why=why,
                hint=hint,
            )


@verifying.solve
def verify(token, key, now_s):
    """Believe nothing before the signature fits.

    The signature is computed with our own method and key, whatever the head says, and compared
    in constant time. Only then are the claims read, and the end looked at.
    """
    parts = token.split(".")
    if len(parts) != 3:
        return None
    signed = f"{parts[0]}.{parts[1]}".encode()
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if not hmac.compare_digest(expected.encode(), parts[2].encode()):
        return None
    claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    return claims if now_s < claims["exp"] else None


@verifying.solve_otherwise
def verify(token, key, now_s):
    """Sign the claims again, and see whether the same token comes out."""
    try:
        claims = read(token)
        right = signed_token(claims, key) == token
    except (IndexError, ValueError):
        return None
    return claims if right and claims["exp"] > now_s else None


@verifying.reject("over before its end", "to the last second")
def too_early(token, key, now_s):
    return verifying.solution(token, key, now_s + 1)


@verifying.reject("False for None", "not as agreed")
def says_no(token, key, now_s):
    return verifying.solution(token, key, now_s) or False


@verifying.reject("only who it is", "all the claims")
def only_who(token, key, now_s):
    claims = verifying.solution(token, key, now_s)
    return claims and claims["sub"]


@verifying.reject("no look at the signature", "Anybody can make such")
def unsigned_too(token, key, now_s):
    try:
        claims = read(token)
    except (IndexError, ValueError):
        return None
    return claims if now_s < claims["exp"] else None


@verifying.reject("no look at the end", "never ends")
def for_ever(token, key, now_s):
    if token.count(".") != 2 or signature_of(token.rpartition(".")[0], key) != token.split(".")[2]:
        return None
    return read(token)


@verifying.reject("the head chooses the method", "Never let it choose")
def obedient(token, key, now_s):
    if token.startswith(part_of(NO_ALG)):
        return read(token)
    return verifying.solution(token, key, now_s)


@verifying.reject("fails on nonsense", "no reason to fail")
def strict(token, key, now_s):
    if token.count(".") != 2:
        raise ValueError("no token")
    return verifying.solution(token, key, now_s)


@verifying.reject("good at its very end", "first moment")
def at_the_end(token, key, now_s):
    return verifying.solution(token, key, now_s - 1)


@verifying.reject("yes instead of the claims", "return the claims")
def says_yes(token, key, now_s):
    return True if verifying.solution(token, key, now_s) else None


@verifying.reject("an error of its own is caught", "must get in")
def hides_errors(token, key, now_s):
    try:
        base64.urlsafe_b64decode(token.split(".")[1])
    except (IndexError, ValueError):
        return None
    return verifying.solution(token, key, now_s)


# Task 4: a handler without memory --------------------------------------------------------------

handler = lab.exercise(
    "handler",
    "A handler without memory",
    hints=(
        "The server's memory may be another one, or empty, at each request. Only the store is the "
        "same for all servers.",
        "store.get(session_id) returns a copy of the cart or None; store.put(session_id, cart) "
        "keeps one. Changing the copy does not change the store.",
        "cart = store.get(session_id) or [], then cart.append(item), then store.put(session_id, "
        "cart), and return cart.",
    ),
)


class Store:
    """A store that all servers share; it hands out and keeps copies, as a network does."""

    def __init__(self):
        self._data = {}

    def get(self, session_id):
        """Return a copy of what is kept, None where there is nothing."""
        return json.loads(self._data[session_id]) if session_id in self._data else None

    def put(self, session_id, value):
        """Keep a copy."""
        self._data[session_id] = json.dumps(value)


@handler.check_with
def check_handler(answer, rng):
    store, memories = Store(), [{}, {}, {}]
    expected = {}
    for step in range(30):
        user, server = f"user-{int(rng.integers(3))}", int(rng.integers(3))
        item = f"item-{step}"
        if rng.random() < 0.1:
            memories[server].clear()  # a restart
        cart = answered(answer(user, item, memories[server], store))
        expected.setdefault(user, []).append(item)
        if cart == expected[user]:
            continue
        kept = store.get(user)
        why = "The page shows what you return."
        if cart is None:
            why = "Nothing came back: return the cart. (append changes a list and returns None.)"
        elif not isinstance(cart, list):
            why = "Return the whole cart, a list with the items in their order."
        elif any(each not in expected[user] for each in cart):
            why = "These are items of somebody else as well. Each session has a cart of its own."
        elif sorted(map(str, cart)) == sorted(expected[user]):
            why = "All items are there. The page shows them in the order in which they came."
        elif kept == []:
            why = (
                "You put the cart into the store before the item was in it. The store keeps a copy "
                "of that moment: change first, then put."
            )
        elif kept is None:
            why = "Nothing is in the store for this session, so the next server begins anew."
        elif kept == expected[user]:
            why = (
                "The store is right and your answer is not: do not read an older copy that this "
                "server still has."
            )
        elif kept == expected[user][:1]:
            why = (
                "The store has the first item only. It hands out copies: put the changed one back."
            )
        elif len(kept) == 1:
            why = "The cart was overwritten. Begin with what the store has."
        elif user in memories[server]:
            why = (
                "This server's memory is older than the store, since another server was asked in "
                "between. You put the older cart into the store."
            )
        raise AnswerError(
            repr(expected[user]),
            repr(cart),
            scenario=f"request {step + 1}: {user} adds {item} on server {server + 1} of 3",
            why=why,
            hint="Get from the store, change, put into the store. Leave the memory alone.",
        )


@handler.solve
def add_to_cart(session_id, item, memory, store):
    """Read from the store, change, write to the store: nothing stays on the server.

    The server may be another one next time, or a new one in place of this. Two requests of one
    user at the same moment would still overwrite each other: that needs versions.
    """
    cart = store.get(session_id) or []
    cart.append(item)
    store.put(session_id, cart)
    return cart


@handler.solve_otherwise
def add_to_cart(session_id, item, memory, store):
    """Make a new cart instead of changing one."""
    old = store.get(session_id)
    new = [item] if old is None else [*old, item]
    store.put(session_id, new)
    return new


@handler.reject("put, then changed", "change first")
def put_first(session_id, item, memory, store):
    cart = store.get(session_id) or []
    store.put(session_id, cart)
    cart.append(item)
    return cart


@handler.reject("one cart for all", "of somebody else")
def one_for_all(session_id, item, memory, store):
    return handler.solution("cart", item, memory, store)


@handler.reject("the newest first", "in which they came")
def newest_first(session_id, item, memory, store):
    cart = [item, *(store.get(session_id) or [])]
    store.put(session_id, cart)
    return cart


@handler.reject("only what was added", "the whole cart")
def only_added(session_id, item, memory, store):
    handler.solution(session_id, item, memory, store)
    return item


@handler.reject("still in memory", "Nothing is in the store")
def in_memory(session_id, item, memory, store):
    cart = memory.setdefault(session_id, [])
    cart.append(item)
    return list(cart)


@handler.reject("an old copy is shown", "an older copy")
def cached(session_id, item, memory, store):
    store.put(session_id, [*(store.get(session_id) or []), item])
    cart = memory.setdefault(session_id, [])
    cart.append(item)
    return list(cart)


@handler.reject("not written back", "put the changed one back")
def not_written(session_id, item, memory, store):
    cart = store.get(session_id)
    if cart is None:
        cart = []
        store.put(session_id, [item])
    cart.append(item)
    return cart


@handler.reject("begins anew each time", "was overwritten")
def anew(session_id, item, memory, store):
    store.put(session_id, [item])
    return [item]


@handler.reject("memory first", "memory is older than the store")
def memory_first(session_id, item, memory, store):
    cart = memory.get(session_id) or store.get(session_id) or []
    cart.append(item)
    memory[session_id] = cart
    store.put(session_id, cart)
    return list(cart)


@handler.reject("returns what append returns", "Nothing came back")
def returns_nothing(session_id, item, memory, store):
    handler.solution(session_id, item, memory, store)
