"""Founds a registry in an empty database: its key epoch and the operator, who admits all other participants."""

from dataclasses import dataclass, field

from ceremony.standing import Formed
from protocol.log_entries import EntryKind
from protocol.messages.participants import NewParticipant
from registry.domain.epochs import KeyEpoch
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.archive.months import make_months
from registry.usecases.ceremonies.keep import keep_committee
from registry.usecases.context import Registry
from registry.usecases.participants.admit import admit, store_key


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstEpoch:
    """The first key: joint public key (32 bytes), t and n; and the ceremony that it came from, if no dealer made it."""

    epoch: int
    joint_public_key: bytes
    threshold: int
    custodians: int
    formed: Formed | None = field(default=None, repr=False)


def epoch_of(formed: Formed) -> FirstEpoch:
    """Return the first epoch of a registry whose custodians held a ceremony.

    Nobody is a participant yet whose key a party's could be compared with: the operator's word stands for all of them.
    """
    committee = formed.committee
    return FirstEpoch(
        epoch=committee.epoch,
        joint_public_key=committee.joint_public_key,
        threshold=committee.threshold,
        custodians=len(committee.members),
        formed=formed,
    )


def found(registry: Registry, operator: NewParticipant, first: FirstEpoch) -> None:
    """Write the operator and the first key epoch with its committee; raises Refusal ALREADY_EXISTS if founded."""

    def work(tx: Transaction) -> None:
        act = act_in(registry, tx, None)
        admit(act, operator)
        store_key(act, operator.participant_id, operator.key_id, operator.public_key)
        _open_epoch(act, first)

    # Before the first entry: a month that has rows in the default partition never gets one of its own.
    make_months(registry.store, registry.clock())
    registry.store.write(work)


def _open_epoch(act: Act, first: FirstEpoch) -> None:
    entry_id = act.new_id()
    facts: dict[str, str | int] = {
        "epoch": first.epoch,
        "public_key": first.joint_public_key.hex(),
        "threshold": first.threshold,
        "custodians": first.custodians,
    }
    act.log(EntryKind.EPOCH_ADDED, entry_id, facts)
    act.tx.epochs.add(
        KeyEpoch(
            epoch=first.epoch,
            joint_public_key=first.joint_public_key,
            threshold=first.threshold,
            custodians=first.custodians,
            created_at=act.now,
            log_entry_id=entry_id,
        )
    )
    if first.formed is not None:
        keep_committee(act, first.formed)
