"""Receipts, witnesses and policies: a fork finds no quorum, and a witness cosigns nothing that it has not checked."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.errors import TlogRefused
from crypto.tlog.checkpoint import Checkpoint, SignedCheckpoint
from crypto.tlog.keys import VerifierKey
from crypto.tlog.merkle import MAX_PROOF_HASHES
from crypto.tlog.note import Note
from crypto.tlog.policy import MAX_POLICY_BYTES, Policy, parse_policy
from crypto.tlog.proof import (
    MAX_EXTRA_BYTES,
    MAX_RECEIPT_BYTES,
    Receipt,
    parse_receipt,
    verify_receipt,
    verify_witnessed_receipt,
)
from crypto.tlog.proofs import hashes_from_tiles, prove_consistency, prove_inclusion
from crypto.tlog.quorum import Quorum, add_cosignatures, cosigned_by, verify_quorum
from crypto.tlog.witness import MAX_BODY_BYTES, AddCheckpoint, check_submission, parse_add_checkpoint
from tests.support.logs import LOG, ORIGIN, cosigned, leaves, log_of, witness

NOW = 1_800_000_000
THREE = tuple(witness(label) for label in "abc")
QUORUM = Quorum(witnesses=THREE, threshold=2, faults=0)
POLICY = Policy(logs=(LOG,), quorum=QUORUM)


def refused(code: str, function: Callable[..., Any] | type[Any], *arguments: Any, **named: Any) -> None:
    with pytest.raises(TlogRefused) as caught:
        function(*arguments, **named)
    assert caught.value.code == code


def signed(size: int, witnesses: str = "") -> SignedCheckpoint:
    log = log_of(size)
    lines = [cosigned(log.checkpoint(), label, NOW) for label in witnesses]
    note = Note(text=log.checkpoint().text, signatures=(*log.signed().signatures, *lines))
    return SignedCheckpoint(checkpoint=log.checkpoint(), note=note)


def receipt(index: int, size: int, witnesses: str = "", extra: bytes = b"") -> Receipt:
    hashes = prove_inclusion(index, size, hashes_from_tiles(size, log_of(size).fetch))
    return Receipt(index=index, hashes=hashes, signed=signed(size, witnesses), extra=extra)


def submission(old: int, new: int, proof: tuple[bytes, ...] | None = None) -> AddCheckpoint:
    if proof is None:
        proof = prove_consistency(old, new, hashes_from_tiles(new, log_of(new).fetch))
    return AddCheckpoint(old_size=old, proof=proof, signed=signed(new))


def check(asked: AddCheckpoint, held: int | None) -> Checkpoint:
    return check_submission(
        asked, held=None if held is None else log_of(held).checkpoint(), origin=ORIGIN, log_keys=[LOG]
    )


@given(data=st.data(), size=st.integers(1, 600), extra=st.binary(max_size=40))
def test_a_receipt_is_read_as_it_was_written_and_verifies(data: st.DataObject, size: int, extra: bytes) -> None:
    index = data.draw(st.integers(0, size - 1))
    one = receipt(index, size, "ab", extra)
    assert parse_receipt(one.encode()) == one
    verify_receipt(one, leaves()[index], origin=ORIGIN, log_keys=[LOG])
    verify_witnessed_receipt(one, leaves()[index], origin=ORIGIN, policy=POLICY, latest=NOW)
    refused("proof-invalid", verify_receipt, one, leaves()[size], origin=ORIGIN, log_keys=[LOG])


def test_a_receipt_of_a_million_leaves_is_small() -> None:
    one = receipt(5, 70_000, "abc")
    longer = Receipt(index=5, hashes=(bytes(32),) * 20, signed=one.signed)
    assert len(longer.encode()) < 1_800
    assert len(Receipt(index=5, hashes=(bytes(32),) * 20, signed=signed(70_000)).encode()) < 1_200


def test_a_receipt_without_a_quorum_is_not_witnessed() -> None:
    one = receipt(5, 9, "a")
    refused(
        "quorum-missing",
        verify_witnessed_receipt,
        one,
        leaves()[5],
        origin=ORIGIN,
        policy=POLICY,
        latest=NOW,
    )


def test_a_receipt_for_an_entry_that_the_tree_does_not_have_is_refused() -> None:
    refused("out-of-range", Receipt, index=9, hashes=(), signed=signed(9))
    refused("out-of-range", Receipt, index=-1, hashes=(), signed=signed(9))


def test_receipts_and_bodies_are_measured() -> None:
    refused("too-large", Receipt, index=0, hashes=(bytes(32),) * (MAX_PROOF_HASHES + 1), signed=signed(9))
    refused("too-large", Receipt, index=0, hashes=(), signed=signed(9), extra=bytes(MAX_EXTRA_BYTES + 1))
    refused("too-large", parse_receipt, bytes(MAX_RECEIPT_BYTES + 1))
    refused("too-large", submission, 1, 2, (bytes(32),) * (MAX_PROOF_HASHES + 1))
    refused("too-large", parse_add_checkpoint, bytes(MAX_BODY_BYTES + 1))
    refused("too-large", parse_policy, bytes(MAX_POLICY_BYTES + 1), faults=0)
    largest = receipt(0, 1, extra=bytes(MAX_EXTRA_BYTES))
    assert parse_receipt(largest.encode()) == largest


@given(old=st.integers(0, 600), new=st.integers(1, 600))
def test_a_witness_takes_a_head_that_extends_its_own(old: int, new: int) -> None:
    old, new = sorted((old, new))
    asked = submission(old, new)
    assert parse_add_checkpoint(asked.encode()) == asked
    assert check(asked, old) == log_of(new).checkpoint()


def test_a_witness_that_never_saw_the_log_takes_its_first_head() -> None:
    assert check(submission(0, 7), None) == log_of(7).checkpoint()


def test_a_witness_refuses_a_proof_from_another_size_than_its_own() -> None:
    refused("stale", check, submission(5, 9), 6)
    refused("stale", check, submission(5, 9), None)
    refused("stale", check, submission(0, 9), 5)


def test_a_witness_refuses_a_shrinking_log() -> None:
    refused("old-above-new", check, submission(9, 5, ()), 9)


def test_a_witness_refuses_another_log_and_an_unsigned_head() -> None:
    asked = submission(5, 9)
    held = log_of(5).checkpoint()
    refused("origin-unknown", check_submission, asked, held=held, origin="other.example", log_keys=[LOG])
    refused("no-known-signature", check_submission, asked, held=held, origin=ORIGIN, log_keys=[])


def test_a_witness_refuses_a_fork_at_its_size_and_one_that_went_on() -> None:
    fork = log_of(8)
    fork.grow(leaves()[100:101])
    held = fork.checkpoint()
    refused("fork", check_submission, submission(9, 9), held=held, origin=ORIGIN, log_keys=[LOG])
    refused("proof-invalid", check_submission, submission(9, 12), held=held, origin=ORIGIN, log_keys=[LOG])


@pytest.mark.parametrize(("n", "k", "f"), [(1, 1, 0), (3, 2, 0), (3, 3, 2), (4, 3, 1), (5, 4, 2), (7, 5, 2)])
def test_any_two_quorums_share_an_honest_witness(n: int, k: int, f: int) -> None:
    quorum = Quorum(witnesses=tuple(witness(str(label)) for label in range(n)), threshold=k, faults=f)
    subsets = [set(each) for each in itertools.combinations(range(n), k)]
    assert min(len(one & other) for one in subsets for other in subsets) > f
    assert quorum.spare == n - k


@pytest.mark.parametrize(
    ("n", "k", "f"), [(0, 0, 0), (3, 0, 0), (3, 4, 0), (2, 1, 0), (3, 2, 1), (4, 3, 2), (3, 3, -1)]
)
def test_a_quorum_under_which_a_fork_can_be_witnessed_is_refused(n: int, k: int, f: int) -> None:
    witnesses = tuple(witness(str(label)) for label in range(n))
    refused("policy-unsound", Quorum, witnesses=witnesses, threshold=k, faults=f)


def test_one_key_counts_once_and_a_log_key_not_at_all() -> None:
    a, twin = THREE[0], THREE[0].__class__(name="twin", kind=THREE[0].kind, public_key=THREE[0].public_key)
    namesake = THREE[1].__class__(name=a.name, kind=a.kind, public_key=THREE[1].public_key)
    for witnesses in ((a, twin), (a, namesake), (a, a), (a, LOG)):
        refused("policy-unsound", Quorum, witnesses=witnesses, threshold=2, faults=0)


def test_the_witnesses_of_a_head_are_named_with_their_times() -> None:
    assert cosigned_by(signed(9, "ca"), QUORUM, latest=NOW) == {"witness.example/a": NOW, "witness.example/c": NOW}
    assert verify_quorum(signed(9, "xbyc"), QUORUM, latest=NOW).keys() == {"witness.example/b", "witness.example/c"}


@pytest.mark.parametrize("witnesses", ["", "a", "xyz"])
def test_too_few_witnesses_are_refused(witnesses: str) -> None:
    refused("quorum-missing", verify_quorum, signed(9, witnesses), QUORUM, latest=NOW)


def test_a_witness_that_signs_twice_is_not_counted_twice() -> None:
    refused("signature-repeated", verify_quorum, signed(9, "aa"), QUORUM, latest=NOW)


def test_a_cosignature_of_another_head_refuses_the_head() -> None:
    other = signed(8, "ab").note.signatures[1:]
    mixed = Note(text=signed(9).note.text, signatures=(*signed(9).note.signatures, *other))
    refused(
        "signature-invalid",
        verify_quorum,
        SignedCheckpoint(checkpoint=signed(9).checkpoint, note=mixed),
        QUORUM,
        latest=NOW,
    )


def test_what_witnesses_answer_is_added_to_the_checkpoint_once_each() -> None:
    bare, lines = signed(9), signed(9, "axb").note.signatures[1:]
    witnessed = add_cosignatures(bare, lines, QUORUM, latest=NOW)
    assert witnessed == signed(9, "ab")
    later = cosigned(bare.checkpoint, "a", NOW + 5)
    again = add_cosignatures(witnessed, [later], QUORUM, latest=NOW + 5)
    assert cosigned_by(again, QUORUM, latest=NOW + 5) == {"witness.example/a": NOW + 5, "witness.example/b": NOW}
    assert add_cosignatures(bare, [], QUORUM, latest=NOW) == bare


def test_an_answer_that_is_not_over_this_head_is_not_added() -> None:
    lines = signed(8, "a").note.signatures[1:]
    refused("signature-invalid", add_cosignatures, signed(9), lines, QUORUM, latest=NOW)
    twice = signed(9, "aa").note.signatures[1:]
    refused("signature-repeated", add_cosignatures, signed(9), twice, QUORUM, latest=NOW)
    refused("time-refused", add_cosignatures, signed(9), twice[:1], QUORUM, latest=NOW - 1)


def policy(witnesses: tuple[VerifierKey, ...] = THREE, logs: tuple[VerifierKey] = (LOG,)) -> Policy:
    return Policy(logs=logs, quorum=Quorum(witnesses=witnesses, threshold=len(witnesses), faults=0))


def test_a_policy_is_read_as_it_was_written() -> None:
    assert parse_policy(policy().encode(), faults=0) == policy()


def test_a_policy_is_plain_tlog_policy() -> None:
    assert policy(THREE[:2]).encode().decode().split("\n") == [
        f"log {LOG.vkey}",
        f"witness witness.example/a {THREE[0].vkey}",
        f"witness witness.example/b {THREE[1].vkey}",
        "group clearline-witnesses 2 witness.example/a witness.example/b",
        "quorum clearline-witnesses",
        "",
    ]


def test_how_many_witnesses_may_lie_is_the_readers_opinion() -> None:
    raw = Policy(logs=(LOG,), quorum=QUORUM).encode()
    refused("policy-unsound", parse_policy, raw, faults=1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"group clearline-witnesses 3 witness.example/a ", b"group clearline-witnesses 3 "),
        (b"group clearline-witnesses 3", b"group clearline-witnesses 03"),
        (b"group clearline-witnesses 3", b"group clearline-witnesses all"),
        (b"witness witness.example/a ", b"witness A "),
        (b"quorum clearline-witnesses\n", b"quorum none\n"),
        (b"quorum clearline-witnesses\n", b"quorum clearline-witnesses"),
        (b"log ", b"# a comment\nlog "),
        (b"log ", b"log  "),
        (b"log log", b"log \xff"),
        (b"log log", b"log \xe2\x80\xa8"),
    ],
)
def test_a_policy_that_we_would_not_have_written_is_refused(old: bytes, new: bytes) -> None:
    raw = policy().encode()
    assert old in raw
    refused("malformed", parse_policy, raw.replace(old, new), faults=0)


def test_a_policy_needs_logs_once_and_other_witnesses_with_free_names() -> None:
    refused("policy-unsound", policy, logs=())
    refused("policy-unsound", policy, logs=(LOG, LOG))
    refused("policy-unsound", policy, logs=(THREE[0],))
    none = THREE[0].__class__(name="none", kind=THREE[0].kind, public_key=THREE[0].public_key)
    refused("policy-unsound", policy, (none,))
    itself = THREE[0].__class__(name="w", kind=THREE[0].kind, public_key=LOG.public_key)
    refused("policy-unsound", policy, (itself,))
