"""Exercises of the lab on stateless servers."""

import base64
import hashlib
import hmac
import json
import math

from scalelab.course.check import Lab
from scalelab.course.diagnosis import Fault
from scalelab.course.kinds import Data, ListOf, Number, Parts, Text
from scalelab.course.shows.carts import Added, lasts_s, show_carts
from scalelab.course.values import short
from scalelab.real.limits import call

lab = Lab("stateless")

# Task 1: visits that are cut -------------------------------------------------------------------

visits = lab.exercise(
    "visits",
    "Visits with a log-out",
    Number(unit="ratio"),
    why="It is the share of your customers who call.",
    hint="Compute the share of visits in which nothing goes wrong, and take the rest.",
    hints=(
        "Begin with one request after the log-in: what is the chance that it reaches the server "
        "that has the session?",
        "A visit without a log-out needs all of its later requests to reach that server. Each does "
        "with 1/n, whatever the others did.",
        "1 - (1 / servers) ** requests",
    ),
    explanation=(
        "One request misses in two of three cases. A visit has several, and one miss is enough to "
        "spoil it: of four requests all hit in 1 of 81 visits only, so 99 % see a log-out."
    ),
)


@visits.ask
def ask_visits(rng):
    return int(rng.integers(2, 9)), int(rng.integers(1, 6))


@visits.ask_widely
def ask_visits_widely(rng):
    return int(rng.integers(1, 200)), int(rng.integers(0, 60))


@visits.edges
def visits_edges():
    return {
        "two servers": (2, 3),
        "the visit of the page": (3, 4),
        "one request after the log-in": (3, 1),
        "one server alone": (1, 4),
        "nothing after the log-in": (3, 0),
        "many of both": (50, 12),
    }


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


@visits.otherwise
def why_visits(got, servers, requests):
    if not 0 <= got <= 1:
        return "A share lies between 0 and 1."
    if math.isclose(got, visits.solution(servers, requests), abs_tol=0.02):
        return "That is near, and not exact. Trying it out gives noise; the chances multiply."
    return None


@visits.misread("That is one request. A visit has several, and each can go wrong.")
def one_request(servers, requests):
    return 1 - 1 / servers


@visits.misread("That is the share of visits without any log-out. The others were asked for.")
def good_visits(servers, requests):
    return (1 / servers) ** requests


@visits.misread("That is the share of visits in which every request misses. One is enough.")
def all_missed(servers, requests):
    return (1 - 1 / servers) ** requests


@visits.misread("That is a percentage. The share lies between 0 and 1.")
def percentage(servers, requests):
    return 100 * (1 - (1 / servers) ** requests)


@visits.misread("That is the share of visits in which at least one request finds the session.")
def some_hit(servers, requests):
    return 1 - (1 - 1 / servers) ** requests


@visits.misread("The log-in may land anywhere: it makes the session. Only the later ones can miss.")
def login_too(servers, requests):
    return 1 - 1 / servers ** (requests + 1)


@visits.misread("`requests` are those after the log-in, so all of them can miss.")
def login_counted(servers, requests):
    return 1 - 1 / servers ** (requests - 1)


@visits.misread(
    "Chances of things that can both happen do not add up. This is how many log-outs a visit has "
    "on average, if it goes on after each."
)
def added_up(servers, requests):
    return requests * (servers - 1) / servers


@visits.misread("Cut off at 1 it looks like a share, but chances that can both happen do not add.")
def added_and_capped(servers, requests):
    return min(1.0, requests * (servers - 1) / servers)


@visits.misread(
    "All of them must hit: the chances multiply, 1/n by 1/n. You divided once by their product."
)
def divided_once(servers, requests):
    return 1 - 1 / (servers * requests) if requests else 0.0


@visits.misread("The exponent and the base have changed places: each request has the chance 1/n.")
def upside_down(servers, requests):
    return 1 - (1 / requests) ** servers if requests else 0.0


# Task 2: sign ----------------------------------------------------------------------------------

signing = lab.exercise(
    "sign",
    "Sign a token",
    Text(),
    why="Another program verifies this token, and it follows the standard.",
    hint="Compare part by part, at the dots.",
    hints=(
        "Three parts with dots between. The first two are JSON in base64url without the = at the "
        "end; the third signs the first two, with the dot.",
        "base64.urlsafe_b64encode(data).rstrip(b'=').decode() makes a part of bytes. "
        "hmac.new(key, text.encode(), hashlib.sha256).digest() signs a text.",
        "text = part(HEAD) + '.' + part(json.dumps(claims, separators=(',', ':')).encode()), and "
        "then text + '.' + part(the signature of text).",
    ),
    explanation=(
        "Anybody who holds the token can read the claims: base64 hides nothing, so no secret "
        "belongs in them. Only who has the key can change them, since any other change no longer "
        "fits the signature."
    ),
)
HEAD = b'{"alg":"HS256","typ":"JWT"}'


def encoded(data):
    """Write bytes in base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(part):
    """Read the bytes of a part, with the = put back."""
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def compact(claims):
    """Write claims as JSON without blanks."""
    return json.dumps(claims, separators=(",", ":")).encode()


def signed(body, key, head=HEAD):
    """Make a token of whatever bytes stand for head and claims."""
    text = f"{encoded(head)}.{encoded(body)}"
    return f"{text}.{encoded(hmac.new(key, text.encode(), hashlib.sha256).digest())}"


@signing.ask
def ask_sign(rng):
    claims = {"sub": str(rng.integers(1, 999)), "exp": int(rng.integers(10**9)), "n": "å?>~" * 3}
    return claims, rng.bytes(32)


@signing.ask_widely
def ask_sign_widely(rng):
    values = ["a text", 'with "quotes" \\ and /', "åß€ \U0001f600", 0, -1.5, 1e30, True, None, []]
    values += [["a", {"b": 1}], {"x y": [1, 2]}, ""]
    picked = rng.permutation(len(values))[: int(rng.integers(0, 8))]
    claims = {"zayå"[int(i) % 4] + str(i): values[int(i)] for i in picked}
    return claims, rng.bytes(int(rng.integers(32, 100)))


@signing.edges
def signing_edges():
    key = bytes(range(7, 39))
    return {
        "a plain one": ({"sub": "42", "exp": 1_800}, key),
        "names not in order": ({"sub": "7", "exp": 60, "admin": False}, key),
        "a name with a blank": ({"name": "Ann Smith", "exp": 60}, key),
        "colon and comma in a text": ({"note": "one, two: three", "exp": 60}, key),
        "other letters": ({"name": "Åsa", "exp": 60}, key),
        "signs that base64 writes as + and /": ({"n": "???>>>~~~", "exp": 60}, key),
        "claims in claims": ({"roles": ["read", "write"], "of": {"shop": 1}, "exp": None}, key),
        "no claims": ({}, key),
    }


@signing.words
def signing_in_words(claims, key):
    return f"claims={claims}, key={key[:4].hex(' ')} ... ({len(key)} bytes)"


@signing.otherwise
def why_sign(got, claims, key):
    parts, wanted = got.split("."), signing.solution(claims, key).split(".")
    if len(parts) != 3:
        return f"A token has three parts with dots between, and this has {len(parts)}."
    if parts[0] != wanted[0]:
        return "The head differs: it is the text in the task, byte by byte, and has no blanks."
    if parts[1] != wanted[1]:
        return "The claims are other bytes: keep their order, and write them as json.dumps does."
    return (
        "The first two parts are right. The signature must cover both, with their dot, and be "
        "made with the key, or anybody could change what is not covered."
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


@signing.misread("The third part is missing, the signature of the first two with their dot.")
def two_parts(claims, key):
    return f"{encoded(HEAD)}.{encoded(compact(claims))}"


@signing.misread(
    "The standard leaves out the = at the end: they mean something else in an address."
)
def padded(claims, key):
    text = ".".join(base64.urlsafe_b64encode(data).decode() for data in (HEAD, compact(claims)))
    signature = hmac.new(key, text.encode(), hashlib.sha256).digest()
    return text + "." + base64.urlsafe_b64encode(signature).decode()


@signing.misread("The first two parts are right, but the signature has an = at its end.")
def padded_signature(claims, key):
    text = f"{encoded(HEAD)}.{encoded(compact(claims))}"
    signature = hmac.new(key, text.encode(), hashlib.sha256).digest()
    return text + "." + base64.urlsafe_b64encode(signature).decode()


@signing.misread("Only the claims are signed. The signature must cover the head as well.")
def claims_alone(claims, key):
    head, body = encoded(HEAD), encoded(compact(claims))
    return f"{head}.{body}.{encoded(hmac.new(key, body.encode(), hashlib.sha256).digest())}"


@signing.misread(
    "You signed the JSON, before it was in base64. Sign what is sent: both parts with their dot."
)
def signed_too_early(claims, key):
    head, body = encoded(HEAD), encoded(compact(claims))
    return f"{head}.{body}.{encoded(hmac.new(key, compact(claims), hashlib.sha256).digest())}"


@signing.misread("The dot between the two parts belongs to what is signed.")
def without_the_dot(claims, key):
    head, body = encoded(HEAD), encoded(compact(claims))
    return f"{head}.{body}.{encoded(hmac.new(key, (head + body).encode(), 'sha256').digest())}"


@signing.misread("A hash without the key: anybody can compute it for claims of his own.")
def no_key(claims, key):
    text = f"{encoded(HEAD)}.{encoded(compact(claims))}"
    return f"{text}.{encoded(hashlib.sha256(text.encode()).digest())}"


@signing.misread("Key and text hashed one after the other is no HMAC. `hmac.new(key, ...)` is.")
def key_in_front(claims, key):
    text = f"{encoded(HEAD)}.{encoded(compact(claims))}"
    return f"{text}.{encoded(hashlib.sha256(key + text.encode()).digest())}"


@signing.misread("The key comes first: hmac.new(key, text). Yours took the text for the key.")
def key_for_text(claims, key):
    text = f"{encoded(HEAD)}.{encoded(compact(claims))}"
    return f"{text}.{encoded(hmac.new(text.encode(), key, hashlib.sha256).digest())}"


@signing.misread("The claims have blanks. Write the JSON without: each byte travels each time.")
def with_blanks(claims, key):
    return signed(json.dumps(claims).encode(), key)


@signing.misread(
    "You took the blanks out of the texts in the claims too. Ann Smith has one in her name."
)
def all_blanks_out(claims, key):
    return signed(json.dumps(claims).replace(" ", "").encode(), key)


@signing.misread("The claims stand in another order. Keep the order of the dictionary.")
def in_order(claims, key):
    return signed(json.dumps(claims, separators=(",", ":"), sort_keys=True).encode(), key)


@signing.misread("The letters beyond ASCII: json.dumps writes them as \\u and four digits.")
def letters_as_they_are(claims, key):
    return signed(json.dumps(claims, separators=(",", ":"), ensure_ascii=False).encode(), key)


@signing.misread("The head has blanks. It is the text in the task, byte by byte.")
def wide_head(claims, key):
    return signed(compact(claims), key, b'{"alg": "HS256", "typ": "JWT"}')


@signing.misread("The signature is 32 bytes. You wrote them as hexadecimal digits: take digest().")
def hexadecimal(claims, key):
    text = f"{encoded(HEAD)}.{encoded(compact(claims))}"
    return text + "." + hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@signing.misread(
    "You put hexadecimal digits into base64, so the signature is twice as long: take digest()."
)
def hexadecimal_in_base64(claims, key):
    text = f"{encoded(HEAD)}.{encoded(compact(claims))}"
    return f"{text}.{encoded(hmac.new(key, text.encode(), hashlib.sha256).hexdigest().encode())}"


@signing.misread(
    "A token travels in addresses and cookies. There + and / have a meaning: use the alphabet for "
    "addresses."
)
def other_alphabet(claims, key):
    def part(data):
        return base64.b64encode(data).rstrip(b"=").decode()

    text = f"{part(HEAD)}.{part(compact(claims))}"
    return f"{text}.{part(hmac.new(key, text.encode(), hashlib.sha256).digest())}"


# Task 3: verify --------------------------------------------------------------------------------

verifying = lab.exercise(
    "verify",
    "Verify a token",
    Data("the claims, a dictionary, or None", object),
    why="A bad token lets somebody else in, and a good one that is refused costs a customer.",
    hint="Signature first, then the end, then the claims.",
    hints=(
        "Three things can be wrong: it is no token, it was not signed with the key, or it has "
        "expired. For each of them return None.",
        "Compute the signature of the first two parts with the key, whatever the head says, and "
        "compare it with hmac.compare_digest before you look at the claims.",
        "Put the = back before decoding: part + '=' * (-len(part) % 4). A token is good as long as "
        "now_s < claims['exp'].",
    ),
    explanation=(
        "It says yes until `exp`: signature and end are right, and it asks nobody. To know of the "
        "log-out it would have to ask a list of revoked tokens that all servers share, at each "
        "request. Then there is state again; short-lived tokens keep the list short."
    ),
)
NOW_S = 1_000_000


def unsigned(claims, signature=""):
    """Make a token that says that it needs no signature."""
    head = b'{"alg":"none","typ":"JWT"}'
    return f"{encoded(head)}.{encoded(compact(claims))}.{signature}"


def altered(token, place):
    """Change one letter of the signature."""
    head, body, signature = token.split(".")
    other = "A" if signature[place] != "A" else "B"
    return f"{head}.{body}.{signature[:place]}{other}{signature[place + 1 :]}"


def tokens(key, other, now_s, claims):
    """Every kind of good and bad token, by name, with the time at which it is shown."""
    good = signed(compact(claims), key)
    head, body, signature = good.split(".")
    richer = encoded(compact(claims | {"role": "admin"}))
    lasting = {name: value for name, value in claims.items() if name != "exp"}
    until, unpadded = claims["exp"], compact(claims)
    unpadded += b" " * (-len(unpadded) % 3)
    wide, typ_first = b'{"alg": "HS256", "typ": "JWT"}', b'{"typ":"JWT","alg":"HS256"}'
    own_way = json.dumps(claims | {"name": "Åsa"}, ensure_ascii=False, indent=1).encode()
    return {
        "a good token": (good, now_s),
        "the same token, after its end": (good, until + 1),
        "half a second before its end": (good, until - 0.5),
        "expires now": (good, until),
        "an end within a second": (signed(compact(claims | {"exp": until + 0.25}), key), until),
        "a good token whose parts need no =": (signed(unpadded, key), now_s),
        "another key": (signed(compact(claims), other), now_s),
        "claims changed after signing": (f"{head}.{richer}.{signature}", now_s),
        "alg is none, no signature": (unsigned(claims), now_s),
        "alg is none, an old signature": (unsigned(claims, signature), now_s),
        "the signature left out": (f"{head}.{body}.", now_s),
        "one letter of the signature changed": (altered(good, 30), now_s),
        "the signature's first letter changed": (altered(good, 0), now_s),
        "two parts": (f"{head}.{body}", now_s),
        "four parts": (f"{good}.{signature}", now_s),
        "no end": (signed(compact(lasting), key), now_s),
        "JSON of another program": (signed(own_way, key, wide), now_s),
        "a head in another order": (signed(compact(claims), key, typ_first), now_s),
        "signed, but a list": (signed(b"[1,2]", key), now_s),
        "signed, but no JSON": (signed(b"hello", key), now_s),
        "no token": ("hello", now_s),
        "no token, but dots": ("a.b.c", now_s),
        "only dots": ("..", now_s),
        "letters beyond ASCII": ("å.å.å", now_s),
        "no text at all": (None, now_s),
        "an empty text": ("", now_s),
    }


@verifying.ask
def ask_verify(rng):
    key, other = rng.bytes(32), rng.bytes(32)
    now_s = int(rng.integers(10**6, 10**9))
    claims = {"sub": str(rng.integers(1, 999)), "exp": now_s + int(rng.integers(2, 1_800))}
    kinds = list(tokens(key, other, now_s, claims).values())
    token, when_s = kinds[int(rng.integers(len(kinds)))]
    return token, key, when_s


@verifying.edges
def verify_edges():
    key, other = bytes(range(40, 72)), bytes(range(32))
    kinds = tokens(key, other, NOW_S, {"sub": "42", "exp": NOW_S + 60})
    return {name: (token, key, when_s) for name, (token, when_s) in kinds.items()}


@verifying.words
def verify_in_words(token, key, now_s):
    shown = f"token={short(token, 110)}, now_s={now_s}"
    try:
        claims = decoded(token.split(".")[1]).decode()
    except (AttributeError, IndexError, ValueError):
        return shown
    return f"{shown}; its second part says {short(claims, 110)}"


@verifying.otherwise
def why_verify(got, token, key, now_s):
    right = verifying.solution(token, key, now_s)
    if right is None and got is not None:
        return "This token is not good, and whoever shows it gets in."
    if got is None:
        return "An honest user must get in. Does your code catch an error of its own?"
    return "The claims are what was signed: all of them, and as they were."


@verifying.solve
def verify(token, key, now_s):
    """Believe nothing before the signature fits.

    The signature is computed with our own method and key, whatever the head says, and compared
    in constant time. Only then are the claims read, and the end looked at. Whatever cannot be
    read is no token.
    """
    try:
        head, body, signature = token.split(".")
        digest = hmac.new(key, f"{head}.{body}".encode(), hashlib.sha256).digest()
        expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            return None
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return claims if now_s < claims["exp"] else None
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


@verifying.solve_otherwise
def verify(token, key, now_s):
    """Ask for each thing in turn, and expect no error."""
    if not isinstance(token, str) or token.count(".") != 2:
        return None
    text, _, signature = token.rpartition(".")
    mine = base64.urlsafe_b64encode(hmac.digest(key, text.encode(), "sha256")).strip(b"=")
    if not hmac.compare_digest(mine, signature.encode()):
        return None
    body = text.partition(".")[2]
    try:
        claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    except ValueError:
        return None
    if not isinstance(claims, dict) or "exp" not in claims:
        return None
    return claims if claims["exp"] > now_s else None


@verifying.misread(
    "No good token gets in: each gives None. Is there a `return` at the end? A library that looks "
    "at the clock does not know now_s."
)
def nothing(token, key, now_s):
    return None


@verifying.misread(
    "An honest user must get in. Does your code catch an error of its own? base64 wants the = back."
)
def hides_errors(token, key, now_s):
    try:
        base64.urlsafe_b64decode(token.split(".")[1])
    except (AttributeError, IndexError, ValueError):
        return None
    return verifying.solution(token, key, now_s)


@verifying.misread("Anybody can make such a token: nothing looks at the signature.")
def unsigned_too(token, key, now_s):
    try:
        claims = json.loads(decoded(token.split(".")[1]))
        return claims if now_s < claims["exp"] else None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return None


@verifying.misread("A token that never ends is a key that never changes. Look at exp.")
def for_ever(token, key, now_s):
    return verifying.solution(token, key, -math.inf)


@verifying.misread("The head is the attacker's as well. Never let it choose the method.")
def obedient(token, key, now_s):
    if isinstance(token, str) and token.startswith(encoded(b'{"alg":"none')):
        return json.loads(decoded(token.split(".")[1]))
    return verifying.solution(token, key, now_s)


@verifying.misread("Before exp the token holds, to the last second.")
def too_early(token, key, now_s):
    return verifying.solution(token, key, now_s + 1)


@verifying.misread("exp is the first moment at which the token no longer holds, and it is now.")
def at_the_end(token, key, now_s):
    claims = verifying.solution(token, key, -math.inf)
    return claims if claims and now_s <= claims["exp"] else None


@verifying.misread(
    "You round the time, so a token ends half a second early or late. Compare as is."
)
def rounds(token, key, now_s):
    return verifying.solution(token, key, round(now_s))


@verifying.misread("The server wants to know who it is: return the claims, not a yes.")
def says_yes(token, key, now_s):
    return verifying.solution(token, key, now_s) is not None


@verifying.misread("You refuse it, but not as agreed: the caller asks whether it is None.")
def says_no(token, key, now_s):
    return verifying.solution(token, key, now_s) or False


@verifying.misread(
    "An empty dictionary is not None: the caller takes it for claims, and lets it in."
)
def empty_claims(token, key, now_s):
    return verifying.solution(token, key, now_s) or {}


@verifying.misread("The server wants to know who it is: return all the claims, a dictionary.")
def only_who(token, key, now_s):
    claims = verifying.solution(token, key, now_s)
    return claims and claims.get("sub")


@verifying.misread("You return the claims as text. The server wants to ask for one: json.loads.")
def not_loaded(token, key, now_s):
    good = verifying.solution(token, key, now_s)
    return decoded(token.split(".")[1]).decode() if good else None


@verifying.misread("Compare the whole signature. Its beginning alone is tried out in time.")
def only_the_beginning(token, key, now_s):
    if not isinstance(token, str) or token.count(".") != 2:
        return None
    text, _, signature = token.rpartition(".")
    right = encoded(hmac.new(key, text.encode(), hashlib.sha256).digest())
    if signature[:10] != right[:10]:
        return None
    return verifying.solution(f"{text}.{right}", key, now_s)


@verifying.misread(
    "You sign the claims again and compare. Another program writes its JSON in its own way, and "
    "its good token is refused: check the text as it came."
)
def written_again(token, key, now_s):
    claims = verifying.solution(token, key, now_s)
    return claims if claims and signed(compact(claims), key) == token else None


@verifying.misread("A token without an end would hold for ever. It is none.")
def no_end_needed(token, key, now_s):
    if not isinstance(token, str) or token.count(".") != 2:
        return None
    text, _, signature = token.rpartition(".")
    if encoded(hmac.new(key, text.encode(), hashlib.sha256).digest()) != signature:
        return None
    try:
        claims = json.loads(decoded(text.split(".")[1]))
        return claims if claims.get("exp", math.inf) > now_s else None
    except (AttributeError, ValueError):
        return None


@verifying.misread("A token has three parts. What comes behind them is not signed.")
def more_parts(token, key, now_s):
    three = ".".join(token.split(".")[:3]) if isinstance(token, str) else None
    return verifying.solution(three, key, now_s)


@verifying.misread(
    "The right signature begins with the one that came, and so with none at all. Compare all of it."
)
def begins_with_it(token, key, now_s):
    if not isinstance(token, str) or token.count(".") != 2:
        return None
    text, _, signature = token.rpartition(".")
    right = encoded(hmac.new(key, text.encode(), hashlib.sha256).digest())
    if not right.startswith(signature):
        return None
    return verifying.solution(f"{text}.{right}", key, now_s)


SEEN = {}


@verifying.misread("A token that was good before is not good for ever: ask for its end each time.")
def remembers_tokens(token, key, now_s):
    if token not in SEEN:
        SEEN[token] = verifying.solution(token, key, now_s)
    return SEEN[token]


# Task 4: a handler without memory --------------------------------------------------------------

handler = lab.exercise(
    "handler",
    "A handler without memory",
    ListOf(Parts(cart=Data("the whole cart, a list", list), kept=Data(of=object)), "request"),
    why="The page shows what you return.",
    hint="Get from the store, change, put into the store. Leave the memory alone.",
    hints=(
        "The server's memory may be another one, or empty, at each request. Only the store is the "
        "same for all servers.",
        "store.get(session_id) returns a copy of the cart or None; store.put(session_id, cart) "
        "keeps one. Changing the copy does not change the store.",
        "cart = store.get(session_id) or [], then cart.append(item), then store.put(session_id, "
        "cart), and return cart.",
    ),
    explanation=(
        "Both requests read the same cart, each adds its own item and puts its own copy. The later "
        "`put` overwrites the earlier one, and an item is lost. The store would have to refuse a "
        "`put` on top of a version that was not read."
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


@handler.ask
def ask_handler(rng):
    """Draw requests: a user, an item, the server that is asked, whether it has restarted."""
    items = ("book", "lamp", "pen", "a pot, blue", "chair")
    requests = []
    for _ in range(12):
        user, item = f"user-{int(rng.integers(3))}", items[int(rng.integers(5))]
        requests.append([user, item, int(rng.integers(1, 4)), bool(rng.random() < 0.1)])
    return (requests,)


@handler.ask_widely
def ask_handler_widely(rng):
    names = ("a", "ann", "ann ", "Åsa", "cart", "1")
    requests = []
    for _ in range(int(rng.integers(0, 40))):
        user, item = names[int(rng.integers(6))], names[int(rng.integers(6))]
        requests.append([user, item, int(rng.integers(1, 4)), bool(rng.random() < 0.3)])
    return (requests,)


@handler.edges
def handler_edges():
    def of(user, items, servers):
        return [[user, item, s, False] for item, s in zip(items, servers, strict=True)]

    three = of("ann", ("book", "lamp", "pen"), (1, 2, 3))
    restart = of("ann", ("book", "lamp", "pen"), (1, 1, 1))
    restart[1][3] = True
    return {
        "three servers in turn": (three,),
        "one server, twice": (of("ann", ("book", "lamp"), (1, 1)),),
        "a restart": (restart,),
        "the same item twice": (of("ann", ("lamp", "lamp"), (1, 2)),),
        "back on the first server": (of("ann", ("book", "lamp", "pen"), (1, 2, 1)),),
        "two users in turn": (
            [["ann", "book", 1, False], ["bob", "pen", 1, False], ["ann", "lamp", 2, False]],
        ),
        "a comma in an item": (of("ann", ("a pot, blue", "pen"), (1, 2)),),
    }


@handler.words
def handler_in_words(requests):
    return "; ".join(
        f"{user} adds {item!r} on server {server}{', just restarted' if new else ''}"
        for user, item, server, new in requests
    )


@handler.run
def serve(answer, requests):
    """Send the requests, and note what is shown and what the store then has for this user."""
    store, memories, story = Store(), {1: {}, 2: {}, 3: {}}, []
    for user, item, server, restarted in requests:
        if restarted:
            memories[server] = {}
        cart = call(answer, user, item, memories[server], store)
        if cart is ...:
            return ...
        cart = list(cart) if isinstance(cart, (list, tuple)) else cart  # it may grow later
        story.append((cart, store.get(user)))
    return story


@handler.scene(
    "Requests to three servers with your handler, and the store:",
    until_s=lambda requests: lasts_s(len(requests)),
)
def play_handler(stage, answer, requests):
    """Show what the requests of a case come to."""
    pairs = zip(requests, serve(answer, requests), strict=True)
    show_carts(stage, [Added(*request, *result) for request, result in pairs], 3)


@handler.judge
def judge_handler(got, requests):
    """Compare what is shown; how it is kept is the handler's own affair."""
    carts, lines = {}, []
    for (user, item, server, restarted), (cart, kept) in zip(requests, got, strict=True):
        carts.setdefault(user, []).append(item)
        again = " (restarted)" if restarted else ""
        lines.append(
            f"{user} adds {item!r} on server {server}{again}: shown {short(cart, 60)}, "
            f"in the store {short(kept, 60)}"
        )
        if cart != carts[user]:
            numbered = [f"{place}. {line}" for place, line in enumerate(lines, 1)]
            place = f" for request {len(lines)}"
            shown = "\n".join(numbered)
            return Fault(f"{carts[user]}{place}", short(cart), story=shown)
    return None


@handler.otherwise
def why_handler(got, requests):
    place = len(judge_handler(got, requests).story.splitlines()) - 1
    user = requests[place][0]
    right = [item for who, item, *_ in requests[: place + 1] if who == user]
    cart, kept = got[place]
    if any(isinstance(item, (list, dict)) for item in cart):
        return "The cart is one list of items, and no list in a list."
    if len(cart) > len(right) and all(item in right for item in cart):
        return "Some of it is in there twice: the memory and the store both have it."
    if len(cart) < len(right) and set(map(str, cart)) == set(right):
        return handler.meaning("no_second_lamp")
    if any(item not in right for item in cart):
        return "There is something in it that this user never added."
    if sorted(map(str, cart)) == sorted(right):
        return "All items are there. The page shows them in the order in which they came."
    if kept is None:
        return "Nothing is in the store for this session, so the next server begins anew."
    if kept == right:
        return "The store is right and what you return is not. Return what you put."
    return "Something that was added before is lost: what did the store have, and who put it there?"


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


@handler.misread(
    "You put the cart into the store before the item was in it. The store keeps a copy of that "
    "moment: change first, then put."
)
def put_first(session_id, item, memory, store):
    cart = store.get(session_id) or []
    store.put(session_id, cart)
    cart.append(item)
    return cart


@handler.misread("There are items of somebody else in it. Each session has a cart of its own.")
def one_for_all(session_id, item, memory, store):
    cart = store.get("cart") or []
    cart.append(item)
    store.put("cart", cart)
    return cart


@handler.misread(
    "The newest comes first here. The page shows them in the order in which they came."
)
def newest_first(session_id, item, memory, store):
    cart = [item, *(store.get(session_id) or [])]
    store.put(session_id, cart)
    return cart


@handler.misread("Only what was added is returned. The page shows the whole cart.")
def only_added(session_id, item, memory, store):
    store.put(session_id, [*(store.get(session_id) or []), item])
    return [item]


@handler.misread(
    "That is the cart from before. Return it with the new item, or the customer adds it again."
)
def the_old_one(session_id, item, memory, store):
    old = store.get(session_id) or []
    store.put(session_id, [*old, item])
    return old


@handler.misread("It is still in the server's memory, and the next server has another one.")
def in_memory(session_id, item, memory, store):
    cart = memory.setdefault(session_id, [])
    cart.append(item)
    return list(cart)


@handler.misread(
    "The store is right and your answer is not: do not read an older copy that this server still "
    "has."
)
def cached(session_id, item, memory, store):
    store.put(session_id, [*(store.get(session_id) or []), item])
    cart = memory.setdefault(session_id, [])
    cart.append(item)
    return list(cart)


@handler.misread(
    "Nothing is ever put into the store. It hands out copies: put the changed one back."
)
def never_put(session_id, item, memory, store):
    cart = store.get(session_id) or []
    cart.append(item)
    return cart


@handler.misread(
    "The store has the first item only. It hands out copies: put the changed one back each time."
)
def put_once(session_id, item, memory, store):
    cart = store.get(session_id)
    if cart is None:
        cart = []
        store.put(session_id, [item])
    cart.append(item)
    return cart


@handler.misread("The cart is overwritten each time. Begin with what the store has.")
def anew(session_id, item, memory, store):
    store.put(session_id, [item])
    return [item]


@handler.misread(
    "This server's memory is older than the store, since another server was asked in between. You "
    "put the older cart into the store."
)
def memory_first(session_id, item, memory, store):
    cart = memory.get(session_id) or store.get(session_id) or []
    cart.append(item)
    memory[session_id] = cart
    store.put(session_id, cart)
    return list(cart)


@handler.misread(
    "You begin with this server's memory and put that into the store: what the other servers put "
    "there is overwritten."
)
def memory_into_store(session_id, item, memory, store):
    cart = memory.setdefault(session_id, [])
    cart.append(item)
    store.put(session_id, cart)
    return list(cart)


@handler.misread("The same thing twice is two of them. A second lamp must not disappear.")
def no_second_lamp(session_id, item, memory, store):
    cart = store.get(session_id) or []
    if item not in cart:
        cart.append(item)
    store.put(session_id, cart)
    return cart


@handler.misread("`+=` takes a text apart into its letters. `append` adds it as one item.")
def letters(session_id, item, memory, store):
    cart = store.get(session_id) or []
    cart += item
    store.put(session_id, cart)
    return cart


@handler.misread("Joined with commas, an item that has one becomes two. Keep a list.")
def joined(session_id, item, memory, store):
    old = store.get(session_id)
    text = f"{old},{item}" if old else item
    store.put(session_id, text)
    return text.split(",")
