"""COPY in place of INSERT: every column has a form, and its errors are those of any statement."""

import uuid
from dataclasses import replace

import pytest

from registry.store.columns import metadata
from registry.store.copies import Copy
from registry.store.errors import StoreFailure
from registry.store.prepared import FEW
from registry.store.transactions import Store, Transaction
from tests.storage import values as v

MANY = FEW + 12


def test_every_table_can_be_copied() -> None:
    for table in metadata.tables.values():
        assert Copy(table).text.startswith(f"COPY {table.name} (")


def test_a_column_of_nulls_and_an_empty_text_are_told_apart(postgres_store: Store) -> None:
    v.founded(postgres_store, 1)
    made = [
        replace(v.record_of(1, number), dealer="" if number % 2 else None, person_ref=None) for number in range(1, MANY)
    ]
    postgres_store.write(lambda tx: tx.records.add(made))
    assert postgres_store.read(lambda tx: tx.records.of_subjects([v.key(1)]))[v.key(1)] == tuple(made)


def test_a_row_that_exists_among_rows_that_must_be_new_refuses_them_all(postgres_store: Store) -> None:
    v.founded(postgres_store, 1)
    made = [v.record_of(1, number) for number in range(1, MANY)]
    postgres_store.write(lambda tx: tx.records.add(made[:1]))
    with pytest.raises(StoreFailure, match="23505"):
        postgres_store.write(lambda tx: tx.records.add(made))
    assert postgres_store.read(lambda tx: tx.records.of_subjects([v.key(1)]))[v.key(1)] == tuple(made[:1])


def test_a_foreign_key_holds_for_copied_rows(postgres_store: Store) -> None:
    v.founded(postgres_store, 1)
    made = [replace(v.record_of(1, number), subject_key=v.key(9)) for number in range(1, MANY)]
    with pytest.raises(StoreFailure, match="23503"):
        postgres_store.write(lambda tx: tx.records.add(made))


def test_a_row_without_its_entry_is_refused_among_many(postgres_store: Store) -> None:
    v.founded(postgres_store, 1)
    made = [v.record_of(1, number) for number in range(1, MANY)]
    made[3] = replace(made[3], log_entry_id=uuid.UUID(int=12_345))
    with pytest.raises(StoreFailure, match="record_names_an_entry"):
        postgres_store.write(lambda tx: tx.records.add(made))


def test_rows_that_others_made_meanwhile_are_left_out_and_the_transaction_goes_on(postgres_store: Store) -> None:
    v.founded(postgres_store, 1, 2)

    def work(tx: Transaction) -> frozenset[bytes]:
        tx.subjects.ensure([v.a_subject(number) for number in range(1, MANY)])
        return tx.subjects.lock([v.key(1)])

    assert postgres_store.write(work) == {v.key(1)}
    assert len(postgres_store.read(lambda tx: tx.subjects.known([v.key(each) for each in range(1, MANY)]))) == MANY - 1
