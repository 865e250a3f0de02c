"""Hashes against their definition, in every form that a key comes in."""

import subprocess
import sys

import numpy as np
import pytest
from support.splitmix import splitmix64

from scalelab.sim.hash_ring import HashRing
from scalelab.sim.hashing import hash_keys, hash_text
from scalelab.sim.jump_hash import JumpPlacement
from scalelab.sim.maglev import MaglevPlacement
from scalelab.sim.modulo import ModuloPlacement
from scalelab.sim.rendezvous import RendezvousPlacement
from scalelab.sim.slots import SlotPlacement

KEYS = np.random.default_rng(5).integers(-(2**63), 2**63 - 1, 20_000)
pytestmark = pytest.mark.usefixtures("engine")
EVERY = {
    "hash_keys": hash_keys,
    "modulo": ModuloPlacement([0, 1, 2]).place,
    "jump": JumpPlacement(3).place,
    "ring": HashRing([0, 1, 2], virtual_nodes=8).place,
    "rendezvous": RendezvousPlacement([0, 1, 2]).place,
    "maglev": MaglevPlacement([0, 1, 2], table_size=13).place,
    "slots": SlotPlacement.even(3, 30).place,
}


def test_hashes_are_splitmix64():
    assert hash_keys([0])[0] == 0xE220A8397B1DCDAF  # the generator's first value from state 0
    assert hash_keys(KEYS[:500]).tolist() == [splitmix64(int(k)) for k in KEYS[:500]]
    assert np.unique(hash_keys(np.arange(100_000))).size == 100_000


def test_a_text_has_one_hash_in_every_process():
    code = "from scalelab.sim.hashing import hash_text; print(hash_text('ключ'))"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(made.stdout) == hash_text("ключ") == hash_text("ключ".encode())


@pytest.mark.parametrize("keys", [[1, 2**63], [2**64 - 1, 0], (-1, 2**63), [np.uint64(2**63), -5]])
def test_small_and_huge_ids_stand_in_one_list(keys):
    """NumPy alone makes floats of these, or objects."""
    assert hash_keys(keys).tolist() == [splitmix64(int(key)) for key in keys]


@pytest.mark.parametrize("keys", [[2**64], [-(2**63) - 1], [0.0, 2**63]])
def test_what_is_no_id_of_64_bits_is_refused(keys):
    with pytest.raises(ValueError, match=r"hash_keys: keys must be .* whole numbers, got"):
        hash_keys(keys)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("kind", [">i8", ">u8", ">i4", ">u2", "<i2", "i1", "u1"])
def test_the_order_of_bytes_and_the_width_play_no_part(name, kind):
    """Arrays of a trace file come in the file's own order of bytes."""
    keys = [1, 2, 3, 100]
    assert EVERY[name](np.array(keys, kind)).tolist() == EVERY[name](keys).tolist()


def test_every_second_key_of_an_array_is_hashed_as_if_alone():
    assert hash_keys(KEYS[::2]).tolist() == hash_keys(KEYS[::2].copy()).tolist()


def test_a_text_that_utf8_cannot_hold_has_a_hash():
    """Names of files may hold half a surrogate pair; two such names are two keys."""
    assert hash_text("photo-\udcff") != hash_text("photo-\udcfe")
    assert hash_text("photo-\udcff") == hash_text(b"photo-\xed\xb3\xbf")
