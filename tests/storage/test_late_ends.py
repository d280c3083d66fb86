"""Transfers, tallies, dead letters and withdrawals of batches go by their age, on both databases."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from protocol.codes import TransferGround
from protocol.states import TransferState
from registry.domain.batches import ChunkWithdrawal
from registry.domain.tallies import KeptTally
from registry.domain.transfers import Transfer, TransferItem
from registry.domain.webhooks import DeadLetter
from registry.store.transactions import Store, Transaction
from tests.storage import values as v
from tests.support.builders import NOW, TODAY

DAY = dt.timedelta(days=1)


def transfers(tx: Transaction) -> None:
    for number in (1, 2):
        offer = Transfer(
            participant_id="carrier-a",
            transfer_id=v.an_id(number),
            buyer_id="carrier-b",
            ground=next(iter(TransferGround)),
            state=TransferState.PROPOSED,
            proposed_at=NOW + (number - 1) * DAY,
            proposed_key_id="carrier-a-1",
            lapses_on=TODAY + 90 * DAY,
            rules_version="2026-01",
            log_entry_id=v.an_id(1),
        )
        of: dict[str, Any] = {"participant_id": "carrier-a", "transfer_id": offer.transfer_id}
        tx.transfers.add(offer, [TransferItem(record_id=v.an_id(each), **of) for each in (5, 6)])


def tallies(tx: Transaction) -> None:
    for day in (TODAY, TODAY + DAY):
        kept: dict[str, Any] = {
            "participant_id": "carrier-a",
            "day": day,
            "epoch": 1,
            "total": 7,
            "statement": "signed",
        }
        tx.tallies.add(KeptTally(received_at=NOW, log_entry_id=v.an_id(1), **kept))


def letters(tx: Transaction) -> None:
    for number in (1, 2):
        given_up_at = NOW + (number - 1) * DAY
        named: dict[str, Any] = {"recipient": "carrier-a", "attempts": 9, "reason": "gone", "given_up_at": given_up_at}
        tx.webhooks.give_up(DeadLetter(first_position=number, last_position=number, **named))


def withdrawals(tx: Transaction) -> None:
    tx.batches.keep(v.a_chunk(1, "kept"))
    for batch in ("kept", "gone"):
        taken: dict[str, Any] = {
            "participant_id": "carrier-a",
            "batch_key": batch,
            "chunk_number": 1,
            "withdrawn": 1,
            "left_alone": 0,
        }
        tx.batches.keep_withdrawal(ChunkWithdrawal(withdrawn_at=NOW, log_entry_id=v.an_id(1), **taken))


@pytest.mark.parametrize(
    ("fill", "drop"),
    [
        (transfers, lambda tx: tx.retention.transfers(NOW + DAY, 10)),
        (tallies, lambda tx: tx.retention.tallies(TODAY + DAY, 10)),
        (letters, lambda tx: tx.retention.dead_letters(NOW + DAY, 10)),
        (withdrawals, lambda tx: tx.retention.withdrawals(10)),
    ],
)
def test_what_is_old_goes_once_and_what_is_younger_stays(
    store: Store, fill: Callable[[Transaction], None], drop: Callable[[Transaction], int]
) -> None:
    v.founded(store)
    store.write(fill)
    assert [store.write(drop), store.write(drop)] == [1, 0]
