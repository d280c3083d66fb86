"""How far the withdrawal of a batch has come, on both databases."""

from registry.domain.batches import BatchWithdrawal, ChunkWithdrawal
from registry.store.transactions import Store
from tests.storage import values as v


def taken_back(chunk_number: int, withdrawn: int, left_alone: int = 0) -> ChunkWithdrawal:
    return ChunkWithdrawal(
        participant_id="carrier-a",
        batch_key="b1",
        chunk_number=chunk_number,
        withdrawn=withdrawn,
        left_alone=left_alone,
        withdrawn_at=v.LATER,
        log_entry_id=v.an_id(chunk_number),
    )


def test_chunks_are_taken_back_one_after_the_other(store: Store) -> None:
    v.founded(store)
    store.write(lambda tx: [tx.batches.keep(v.a_chunk(each)) for each in (1, 0)])
    assert store.read(lambda tx: tx.batches.withdrawal("carrier-b", "b1")) is None
    assert store.read(lambda tx: tx.batches.next_to_withdraw("carrier-a", "b1")) == v.a_chunk(0)
    store.write(lambda tx: tx.batches.keep_withdrawal(taken_back(0, 5, 1)))
    assert store.read(lambda tx: tx.batches.next_to_withdraw("carrier-a", "b1")) == v.a_chunk(1)
    half = BatchWithdrawal(chunks=2, done=1, withdrawn=5, left_alone=1)
    assert store.read(lambda tx: tx.batches.withdrawal("carrier-a", "b1")) == half
    store.write(lambda tx: tx.batches.keep_withdrawal(taken_back(1, 4)))
    assert store.read(lambda tx: tx.batches.next_to_withdraw("carrier-a", "b1")) is None
    whole = BatchWithdrawal(chunks=2, done=2, withdrawn=9, left_alone=1)
    assert store.read(lambda tx: tx.batches.withdrawal("carrier-a", "b1")) == whole


def test_of_many_ids_a_creditor_finds_the_subjects_of_its_own(store: Store) -> None:
    v.founded(store, 1, 2)
    store.write(lambda tx: tx.records.add([v.record_of(1, 10), v.record_of(2, 11, creditor_id="carrier-b")]))
    ids = [v.an_id(10), v.an_id(11), v.an_id(12)]
    assert store.read(lambda tx: tx.records.subjects_of("carrier-a", ids)) == {v.key(1)}
    assert store.read(lambda tx: tx.records.subjects_of("carrier-a", [])) == frozenset()
