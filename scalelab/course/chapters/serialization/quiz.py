"""Questions on the serialization of state."""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.serialization.experiments import lost_after
from scalelab.course.quiz import Numeric, Trap, Variant
from scalelab.course.quiz_text import choice
from scalelab.models.encoded_size import msgpack_integer_bytes, varint_bytes


def varint(rng: np.random.Generator) -> Variant:
    """Ask for the bytes of a whole number on the wire."""
    number = int(rng.integers(2, 10)) * 10 ** int(rng.integers(2, 10))
    answer = varint_bytes(number)
    digits = len(str(number))
    return Variant(
        prompt=f"How many bytes does the number {number:,} take as a varint of Protocol Buffers, "
        "without the tag of its field?",
        answer=float(answer),
        solution=f"{number:,} needs {number.bit_length()} bits, and each byte carries seven of "
        f"them: {answer}.",
        traps=(
            Trap(float(digits), "Those are its decimal digits: the bytes of the JSON text.")
            if digits != answer
            else Trap(float(answer + 3), "More than it needs: count bits and divide by seven."),
            Trap(8.0, "Eight bytes are a fixed 64-bit number; a varint is as long as it must be.")
            if answer != 8 and digits != 8
            else Trap(16.0, "Sixteen bytes would hold any number of 128 bits."),
        ),
        tolerance=0.01,
    )


def msgpack_list(rng: np.random.Generator) -> Variant:
    """Ask for the size of a list of whole numbers."""
    count = int(rng.choice([4, 8, 12]))
    number = int(rng.choice([100, 200, 40_000, 1_000_000]))
    each = msgpack_integer_bytes(number)
    digits = len(str(number))
    as_json = 2 + count * digits + count - 1
    answer = 1.0 + count * each
    traps = [Trap(float(as_json), "That is the JSON text, with its brackets and commas.")]
    if each > 1:
        traps.append(
            Trap(1.0 + count * (each - 1), "Each number also has a byte that says its type.")
        )
    return Variant(
        prompt=f"A list of {count} numbers, each {number:,}. How many bytes in MessagePack? A list "
        "of up to 15 elements has a head of one byte.",
        answer=answer,
        solution=f"One byte for the head, and {count} times {each}: {answer:g}. As JSON it is "
        f"{as_json}.",
        traps=tuple(trap for trap in traps if trap.value != answer),
        tolerance=0.001,
    )


def rollout(rng: np.random.Generator) -> Variant:
    """Ask how many sessions lose a field while old servers run."""
    share, requests = float(rng.choice([0.1, 0.2, 0.3, 0.5])), int(rng.choice([2, 3, 4, 6]))
    answer = 100 * lost_after(requests, share)
    return Variant(
        prompt=f"During a deployment {100 * share:g} % of the servers run the old version, which "
        f"drops fields that it does not know. A session has {requests} requests meanwhile, each on "
        "a random server, each writing it back. What percentage of the sessions lose the new "
        "field?",
        answer=answer,
        solution=f"One old server is enough: 1 − {1 - share:g}^{requests} = {answer:.1f} %.",
        traps=(
            Trap(100 * share, "That is the loss of one request. Each further one is another risk."),
            Trap(
                100 * share**requests,
                "That is the share whose requests all meet old servers. One is enough.",
            ),
        ),
        tolerance=0.01,
    )


def revocation(rng: np.random.Generator) -> Variant:
    """Ask for the time in which a locked-out user can still act."""
    life = int(rng.choice([10, 15, 20, 40, 60, 120]))
    return Variant(
        prompt=f"Signed tokens live for {life} minutes and cannot be revoked. A user is locked out "
        "at a random moment of his token's life. For how many minutes, on average, is it still "
        "accepted?",
        answer=life / 2,
        solution=f"The rest of a uniform life: half of {life} minutes, {life / 2:g}. At the worst "
        "it is all of it.",
        traps=(
            Trap(float(life), "That is the worst case, of a token issued just before."),
            Trap(0.5, "Nobody is asked, so nothing is checked until the token expires."),
        ),
        tolerance=0.01,
    )


QUESTIONS = (
    choice(
        "thousand-prices",
        """
        A thousand prices such as 42.17, nothing else, each library as it comes. Which of these is
        the smallest?
        + JSON.
        : A short decimal takes five or six characters with its comma. A double takes eight bytes
          whatever its value, and nine with a type.
        - MessagePack.
        : Nine bytes for each fraction: one for the type, eight for the double. Asked for floats of
          32 bits it takes five and is smaller than JSON.
        - Protocol Buffers.
        : Eight bytes for each, without types. Smaller than MessagePack, larger than text.
        """,
        "2. Break it: prices",
    ),
    Numeric("varint", varint, "1. Bytes"),
    choice(
        "names",
        """
        Why is Protocol Buffers so much smaller than JSON for a session?
        + It does not send the names of the fields.
        : A number stands for each; both sides know the schema.
        - It compresses the bytes.
        : Nothing is compressed. gzip still finds something to do, if little.
        - It leaves out quotes and braces.
        : They are a few bytes. The names, repeated in every line of the cart, are many.
        """,
        "1. Bytes",
    ),
    Numeric("msgpack-list", msgpack_list, "1. Bytes"),
    choice(
        "fastest",
        """
        You want to encode sessions in Python faster than the standard json does. What is the first
        thing to try?
        + Another library for JSON.
        : orjson encodes the same text many times as fast, and no other program has to change.
        - A binary format, since text is slow.
        : Speed belongs to the library. A good encoder of text beats a good one of MessagePack.
        - gzip, so that there are fewer bytes.
        : Compression makes fewer bytes and takes more time.
        """,
        "3. Time",
    ),
    Numeric("rollout", rollout, "4. Two versions at once"),
    choice(
        "evolution",
        """
        Which of these keep a new field alive when an old program reads and writes the session?
        + Protocol Buffers, which passes on the fields that it does not know.
        : They are kept as they came and written again.
        + JSON, if the program changes the decoded object and writes all of it back.
        : What is not touched stays.
        - JSON, if the program makes a new object from the fields that it knows.
        : What it does not know is gone.
        - Any format, if the field has a default.
        : A default fills in what is missing when reading. It does not bring back a value.
        """,
        "4. Two versions at once",
    ),
    choice(
        "pickle",
        """
        A session store on an internal network holds pickles. What is the danger?
        + Whoever can write to the store can run code on every server that reads it.
        : A pickle names functions, and reading it calls them.
        - Pickles are larger than JSON.
        : About as large as MessagePack here. Size is not the matter.
        - None, if each object is validated after loading.
        : By then the code has run. Validation comes too late.
        """,
        "5. Bytes from a stranger",
    ),
    Numeric("revocation", revocation, "7. No state at all?"),
    choice(
        "cart",
        """
        Sessions are to be treated as a cache. Where does the shopping cart belong?
        + In the database, with a pointer or a copy in the session.
        : Then losing the session loses a copy.
        - In the session, which is replicated.
        : Replicas help against a broken machine, not against eviction or expiry.
        - In a signed token in the browser.
        : It grows with each request's header, and other devices do not see it.
        """,
        "7. No state at all?",
    ),
)
