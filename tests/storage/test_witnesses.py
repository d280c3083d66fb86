"""Witnesses and what they are asked for come back, on both databases; openings and requests are found in bulk."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from registry.domain.log import Witness, Witnessing
from registry.domain.requests import KeptRequest
from registry.store.transactions import Store, Transaction
from tests.storage import values as v
from tests.support.log_entries import an_entry


def a_witness(name: str = "a.example", key: bytes = b"a" * 32, **changes: object) -> Witness:
    values = {
        "name": name,
        "participant_id": "carrier-a",
        "public_key": key,
        "url": None,
        "added_at": v.LATER,
        "removed_at": None,
        "log_entry_id": v.an_id(1),
    }
    return Witness(**(values | changes))  # type: ignore[arg-type]


def test_a_witness_is_stored_once_by_name_and_by_key(store: Store) -> None:
    v.founded(store)
    first, second = a_witness(), a_witness("b.example", b"b" * 32, url="https://b.example")
    assert store.write(lambda tx: [tx.witnesses.add(each) for each in (second, first)]) == [True, True]
    for again in (a_witness(key=b"c" * 32), a_witness("c.example")):
        assert store.write(lambda tx, again=again: tx.witnesses.add(again)) is False
    assert store.read(lambda tx: tx.witnesses.all()) == (first, second)


def test_a_witness_is_removed_once_and_for_ever(store: Store) -> None:
    v.founded(store)
    first, second = a_witness(), a_witness("b.example", b"b" * 32)
    store.write(lambda tx: [tx.witnesses.add(each) for each in (first, second)])
    assert store.write(lambda tx: tx.witnesses.remove("a.example", v.LATER, v.an_id(2))) is True
    assert store.write(lambda tx: tx.witnesses.remove("a.example", v.LATER, v.an_id(3))) is False
    assert store.write(lambda tx: tx.witnesses.remove("nobody.example", v.LATER, v.an_id(3))) is False
    gone = replace(first, removed_at=v.LATER, log_entry_id=v.an_id(2))
    assert store.write(lambda tx: tx.witnesses.hold("a.example")) == gone
    assert store.write(lambda tx: tx.witnesses.hold("nobody.example")) is None
    assert store.read(lambda tx: (tx.witnesses.all(), tx.witnesses.admitted())) == ((gone, second), (second,))
    for again in (a_witness(key=b"c" * 32), a_witness("c.example")):
        assert store.write(lambda tx, again=again: tx.witnesses.add(again)) is False


def test_what_the_witnesses_are_asked_for_is_kept_for_each_year(store: Store) -> None:
    assert store.read(lambda tx: tx.witnesses.state(2026)) is None
    nothing = Witnessing(shard=2026, candidate=None, candidate_since=None, witnessed=None)
    assert store.write(lambda tx: tx.witnesses.lock(2026)) == nothing
    asked = replace(nothing, candidate=b"candidate", candidate_since=v.LATER, witnessed=b"witnessed")
    store.write(lambda tx: tx.witnesses.change(asked))
    assert store.read(lambda tx: tx.witnesses.state(2026)) == asked
    assert store.write(lambda tx: tx.witnesses.lock(2026)) == asked
    assert store.read(lambda tx: tx.witnesses.state(2025)) is None


def test_two_that_change_the_same_year_come_one_after_the_other(store: Store) -> None:
    def add(line: bytes) -> None:
        def work(tx: Transaction) -> None:
            state = tx.witnesses.lock(2026)
            tx.witnesses.change(replace(state, candidate=(state.candidate or b"") + line))

        store.write(work)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, [b"%d" % number for number in range(8)]))
    state = store.read(lambda tx: tx.witnesses.state(2026))
    assert state is not None
    assert state.candidate is not None
    assert sorted(state.candidate) == sorted(b"01234567")


def test_openings_are_found_in_bulk_and_by_whose_they_are(store: Store) -> None:
    entries = [replace(an_entry(), participant_id=name) for name in ("carrier-a", "carrier-b", "carrier-a")]
    store.write(lambda tx: tx.openings.append(entries))
    ids = [each.entry_id for each in entries]
    assert store.read(lambda tx: tx.openings.find_many([])) == {}
    assert store.read(lambda tx: tx.openings.find_many([*ids[:2], uuid.UUID(int=7)])) == dict(
        zip(ids[:2], entries[:2], strict=True)
    )
    own = store.read(lambda tx: tx.openings.find_many(ids, by="carrier-a"))
    assert own == {ids[0]: entries[0], ids[2]: entries[2]}


def test_signed_requests_are_found_in_bulk_for_their_sender_only(store: Store) -> None:
    v.founded(store)
    kept = [
        KeptRequest(
            request_id=v.an_id(number),
            participant_id="carrier-a",
            key_id="carrier-a-1",
            signature_base=b"base",
            signature=b"s" * 64,
            received_at=v.LATER,
        )
        for number in (31, 32, 33)
    ]
    for each in kept:
        store.write(lambda tx, each=each: tx.requests.keep(each))
    wanted = {each.request_id for each in kept[:2]} | {v.an_id(99)}
    assert store.read(lambda tx: tx.requests.find("carrier-a", wanted)) == {each.request_id: each for each in kept[:2]}
    assert store.read(lambda tx: tx.requests.find("carrier-b", wanted)) == {}
    assert store.read(lambda tx: tx.requests.find("carrier-a", ())) == {}
