"""RFC 6962 trees: the fast forms against the slow definitions, and every single change of a proof refused."""

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.errors import TlogRefused
from crypto.tlog import merkle, proofs
from crypto.tlog.frontier import Frontier, append
from crypto.tlog.merkle import EMPTY_ROOT, MAX_SIZE, verify_consistency, verify_inclusion
from tests.support.logs import leaves, log_of, naive_path, naive_proof, naive_root
from tests.support.sizes import examples

CT_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
EXHAUSTIVE = 66
sizes = st.integers(1, 600)


@cache
def roots() -> list[bytes]:
    """The roots of the first trees, computed where a test compares with them and not in every worker that collects."""
    return [naive_root(leaves()[:size]) for size in range(601)]


def refused(code: str, function: Callable[..., Any], **arguments: Any) -> None:
    with pytest.raises(TlogRefused) as caught:
        function(**arguments)
    assert caught.value.code == code


def reader(size: int) -> Callable[[Sequence[merkle.Node]], Sequence[bytes]]:
    return proofs.hashes_from_tiles(size, log_of(size).fetch)


def included(
    index: int, size: int, proof: Sequence[bytes], *, leaf: bytes | None = None, root: bytes | None = None
) -> dict[str, Any]:
    return {
        "leaf": leaves()[index] if leaf is None else leaf,
        "index": index,
        "size": size,
        "proof": proof,
        "root": roots()[size] if root is None else root,
    }


def consistent(
    old: int, size: int, proof: Sequence[bytes], *, old_root: bytes | None = None, root: bytes | None = None
) -> dict[str, Any]:
    return {
        "old_size": old,
        "old_root": roots()[old] if old_root is None else old_root,
        "new_size": size,
        "new_root": roots()[size] if root is None else root,
        "proof": proof,
    }


def flipped(raw: bytes, bit: int) -> bytes:
    return (int.from_bytes(raw, "big") ^ 1 << bit).to_bytes(len(raw), "big")


@pytest.mark.parametrize("size", range(9))
def test_the_trees_of_certificate_transparency_have_their_published_roots(size: int) -> None:
    growth = append(Frontier(), merkle.leaf_hashes(bytes.fromhex(leaf) for leaf in CT_LEAVES[:size]))
    assert growth.frontier.root().hex() == ([EMPTY_ROOT.hex(), *CT_ROOTS])[size]


def test_one_leaf_hash_is_the_first_of_many() -> None:
    assert merkle.leaf_hashes([b"a", b"b"]) == [merkle.leaf_hash(b"a"), hashlib.sha256(b"\x00b").digest()]


def test_roots_are_those_of_the_recursive_definition() -> None:
    assert [log_of(size).frontier.root() for size in range(601)] == roots()


@pytest.mark.parametrize("size", range(1, EXHAUSTIVE))
def test_every_inclusion_proof_is_the_recursive_one_and_verifies(size: int) -> None:
    read = reader(size)
    for index in range(size):
        proof = proofs.prove_inclusion(index, size, read)
        assert list(proof) == naive_path(index, leaves()[:size])
        verify_inclusion(**included(index, size, proof))


@pytest.mark.parametrize("size", range(1, EXHAUSTIVE))
def test_every_consistency_proof_is_the_recursive_one_and_verifies(size: int) -> None:
    read = reader(size)
    for old in range(1, size + 1):
        proof = proofs.prove_consistency(old, size, read)
        assert list(proof) == naive_proof(old, leaves()[:size])
        verify_consistency(**consistent(old, size, proof))


@given(data=st.data(), size=sizes)
def test_an_inclusion_proof_with_any_single_change_is_refused(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = proofs.prove_inclusion(index, size, reader(size))
    verify_inclusion(**included(index, size, proof))
    bit = data.draw(st.integers(0, 255))
    refused("proof-invalid", verify_inclusion, **included(index, size, proof, leaf=flipped(leaves()[index], bit)))
    refused("proof-invalid", verify_inclusion, **included(index, size, proof, root=flipped(roots()[size], bit)))
    refused("proof-invalid", verify_inclusion, **included(index, size, (*proof, proof[-1] if proof else roots()[1])))
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        changed = (*proof[:at], flipped(proof[at], bit), *proof[at + 1 :])
        refused("proof-invalid", verify_inclusion, **included(index, size, changed))
        refused("proof-invalid", verify_inclusion, **included(index, size, proof[:at] + proof[at + 1 :]))
    other = data.draw(st.integers(0, size - 1).filter(lambda each: each != index)) if size > 1 else 1
    code = "proof-invalid" if other < size else "out-of-range"
    refused(code, verify_inclusion, **included(other, size, proof, leaf=leaves()[index]))


@given(data=st.data(), size=st.integers(2, 600))
def test_a_consistency_proof_with_any_single_change_is_refused(data: st.DataObject, size: int) -> None:
    old = data.draw(st.integers(1, size - 1))
    proof = proofs.prove_consistency(old, size, reader(size))
    verify_consistency(**consistent(old, size, proof))
    bit, at = data.draw(st.integers(0, 255)), data.draw(st.integers(0, len(proof) - 1))
    changed = (*proof[:at], flipped(proof[at], bit), *proof[at + 1 :])
    refused("proof-invalid", verify_consistency, **consistent(old, size, changed))
    refused("proof-invalid", verify_consistency, **consistent(old, size, proof[:at] + proof[at + 1 :]))
    refused("proof-invalid", verify_consistency, **consistent(old, size, (*proof, proof[-1])))
    refused("proof-invalid", verify_consistency, **consistent(old, size, proof, old_root=flipped(roots()[old], bit)))
    refused("proof-invalid", verify_consistency, **consistent(old, size, proof, root=flipped(roots()[size], bit)))
    refused(
        "proof-invalid", verify_consistency, **consistent(old, size, proof, old_root=roots()[size], root=roots()[old])
    )


@given(old=st.integers(0, 600), size=st.integers(0, 600), other=st.integers(1, 600))
def test_a_consistency_proof_to_another_size_than_its_own_is_refused(old: int, size: int, other: int) -> None:
    old, size = sorted((old, size))
    proof = proofs.prove_consistency(old, size, reader(size))
    if 0 < old < size and other > old and other != size:
        refused("proof-invalid", verify_consistency, **consistent(old, other, proof))


@pytest.mark.parametrize("size", [0, 1, 300])
def test_a_tree_extends_itself_and_the_empty_one_without_a_proof(size: int) -> None:
    assert proofs.prove_consistency(size, size, reader(size)) == proofs.prove_consistency(0, size, reader(size)) == ()
    verify_consistency(**consistent(size, size, ()))
    verify_consistency(**consistent(0, size, ()))
    refused("proof-invalid", verify_consistency, **consistent(0, size, (roots()[1],)))
    refused("proof-invalid", verify_consistency, **consistent(size, size, (roots()[1],)))


def test_two_roots_for_one_size_are_a_fork() -> None:
    refused("fork", verify_consistency, **consistent(300, 300, (), root=roots()[299]))


def test_the_empty_tree_has_one_root() -> None:
    refused("proof-invalid", verify_consistency, **consistent(0, 300, (), old_root=roots()[1]))


def test_a_tree_does_not_shrink() -> None:
    refused("old-above-new", verify_consistency, **consistent(300, 299, ()))
    refused("old-above-new", proofs.prove_consistency, old_size=300, new_size=299, read=reader(300))


@pytest.mark.parametrize("size", [-1, MAX_SIZE + 1])
def test_sizes_beyond_63_bits_are_refused(size: int) -> None:
    refused("out-of-range", verify_inclusion, **included(0, 1, ()) | {"size": size})
    refused("out-of-range", verify_consistency, **consistent(1, 1, ()) | {"new_size": size})
    refused("out-of-range", verify_consistency, **consistent(1, 1, ()) | {"old_size": size})
    refused("out-of-range", proofs.tree_root, size=size, read=reader(1))


@pytest.mark.parametrize("index", [-1, 3, 2**63])
def test_an_index_that_the_tree_does_not_have_is_refused(index: int) -> None:
    refused("out-of-range", verify_inclusion, **included(0, 3, ()) | {"index": index})
    refused("out-of-range", proofs.prove_inclusion, index=index, size=3, read=reader(3))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_hash_of_another_length_is_refused(length: int) -> None:
    short = bytes(length)
    refused("malformed", verify_inclusion, **included(0, 2, (short,)))
    refused("malformed", verify_inclusion, **included(0, 1, (), leaf=short))
    refused("malformed", verify_consistency, **consistent(1, 2, (short,)))


def test_the_largest_tree_is_walked_in_63_steps() -> None:
    hashes = (bytes(32),) * 63
    refused("proof-invalid", verify_inclusion, **included(0, 1, hashes) | {"size": MAX_SIZE})
    refused("proof-invalid", verify_inclusion, **included(0, 1, (*hashes, bytes(32))) | {"size": MAX_SIZE})
    refused("proof-invalid", verify_consistency, **consistent(1, 2, hashes) | {"new_size": MAX_SIZE})


@settings(max_examples=examples(50))
@given(size=st.integers(0, 600))
def test_a_root_from_subtree_hashes_is_that_of_the_leaves(size: int) -> None:
    assert proofs.tree_root(size, reader(size)) == roots()[size]


@pytest.mark.parametrize("hashes", [b"", bytes(31), bytes(96)])
def test_only_a_power_of_two_of_hashes_is_a_complete_subtree(hashes: bytes) -> None:
    refused("malformed", merkle.subtree_root, hashes=hashes)
