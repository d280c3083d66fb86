"""Founds a registry in an empty database: the key epochs it serves and the operator who admits everybody else."""

import datetime as dt

from protocol.codes import Role
from protocol.log_entries import EntryKind
from registry.domain.epoch import KeyEpoch
from registry.domain.ids import uuid7
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.journal import log_entry
from registry.usecases.participants import add_key_to, add_participant


def found(
    registry: Registry,
    *,
    operator_id: str,
    operator_name: str,
    operator_key_id: str,
    operator_public_key: bytes,
    epoch: int,
    joint_public_key: bytes,
    threshold: int,
    custodians: int,
) -> None:
    """Write the first participant and the first key epoch; raises Refusal ALREADY_EXISTS on a founded registry."""

    def work(tx: Transaction) -> None:
        now = registry.clock()
        add_participant(registry, tx, None, operator_id, operator_name, (Role.OPERATOR,), None, now)
        add_key_to(registry, tx, None, operator_id, operator_key_id, operator_public_key, now)
        _add_epoch(registry, tx, epoch, joint_public_key, threshold, custodians, now)

    registry.store.write(work)


def _add_epoch(
    registry: Registry,
    tx: Transaction,
    epoch: int,
    joint_public_key: bytes,
    threshold: int,
    custodians: int,
    now: dt.datetime,
) -> None:
    entry_id = uuid7(now, registry.random)
    tx.epochs.add(
        KeyEpoch(
            epoch=epoch,
            joint_public_key=joint_public_key,
            threshold=threshold,
            custodians=custodians,
            created_at=now,
            log_entry_id=entry_id,
        )
    )
    facts = {
        "epoch": epoch,
        "public_key": joint_public_key.hex(),
        "threshold": threshold,
        "custodians": custodians,
    }
    entry = log_entry(registry, EntryKind.EPOCH_ADDED, entry_id=entry_id, at=now, actor=None, facts=facts)
    tx.log.append((entry,))
