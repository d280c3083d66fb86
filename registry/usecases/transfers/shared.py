"""Find and lock transfers, move their debts with every clock as it was, and build their messages."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from protocol.log_entries import Facts
from protocol.messages import transfers as messages
from protocol.problems import Problem, Refusal
from protocol.states import Action, Party
from protocol.wire.codec import message_of
from registry.domain.accounts import AccountPointer, pointer_to
from registry.domain.disputes import Dispute, by_record, pauses
from registry.domain.evidence import KeptManifest
from registry.domain.participants import Actor
from registry.domain.records import Record, RecordTransition
from registry.domain.transfers import Step, Transfer, TransferItem, TransferStateForbids, successor
from registry.store.transactions import Transaction
from registry.usecases import edges
from registry.usecases.act import Act
from registry.usecases.standings import as_of_today

_TRANSFERRED: Final = "transferred"


def visible_transfer(tx: Transaction, actor: Actor, transfer_id: uuid.UUID) -> Transfer:
    """Find a transfer for its two parties; raises Refusal NOT_FOUND for everybody else, giving nothing away."""
    transfer = tx.transfers.find(transfer_id)
    if transfer is None or not is_party(actor, transfer):
        raise Refusal(Problem.NOT_FOUND)
    return transfer


def is_party(actor: Actor, transfer: Transfer) -> bool:
    """Tell whether the actor sells, or is offered, the debts of a transfer."""
    offered_to = None if transfer.confirmed_at is None else transfer.buyer_id
    return actor.participant_id in (transfer.participant_id, offered_to)


def sold_transfer(tx: Transaction, actor: Actor, transfer_id: uuid.UUID) -> Transfer:
    """Lock the seller's own transfer; raises Refusal NOT_FOUND for its buyer too."""
    transfer = visible_transfer(tx, actor, transfer_id)
    if transfer.participant_id != actor.participant_id:
        raise Refusal(Problem.NOT_FOUND)
    return tx.transfers.lock(transfer)


def shared_transfer(tx: Transaction, actor: Actor, transfer_id: uuid.UUID) -> Transfer:
    """Lock a transfer of which the actor is either party; raises Refusal NOT_FOUND."""
    return tx.transfers.lock(visible_transfer(tx, actor, transfer_id))


def step_of(act: Act, key_id: str) -> Step:
    """Describe the step that the act takes under a key of its actor."""
    return Step(party=act.actor_id, key_id=key_id, at=act.now, today=act.today, log_entry_id=act.new_id())


def state_refusal(refused: TransferStateForbids) -> Refusal:
    """Refuse a step that the state of the transfer forbids."""
    return Refusal(Problem.EDGE_NOT_ALLOWED, detail=f"The transfer is {refused.state}.")


def transfer_message(transfer: Transfer, items: Sequence[TransferItem], today: dt.date) -> messages.Transfer:
    """Build the message for both parties, with the state of a day; no pseudonym or account reference is in it."""
    return message_of(
        messages.Transfer,
        transfer,
        state=transfer.state_on(today),
        seller=transfer.participant_id,
        buyer=transfer.buyer_id,
        records=tuple(message_of(messages.TransferItem, item) for item in items),
    )


def open_accounts(act: Act, pointers: Mapping[bytes, AccountPointer], owners: Collection[bytes]) -> set[bytes]:
    """Find the taker's accounts on which it has an open record, of any person."""
    owned = (each for records in act.tx.records.of_subjects(owners).values() for each in records)
    still_open = {record.record_id for record in as_of_today(act, owned) if record.is_open}
    return {account_ref for account_ref, pointer in pointers.items() if pointer.record_id in still_open}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """The creditor that gives debts, the one that takes them, and the reason of the giver's edges."""

    giver_id: str
    taker_id: str
    reason: str


class Moves:
    """The records that change hands, gathered so that they are written in bulk."""

    def __init__(self, act: Act, hands: Hands, cases: Mapping[bytes, Sequence[Dispute]]) -> None:
        self._act = act
        self._hands = hands
        self._cases = by_record(case for owned in cases.values() for case in owned)
        self._closed: list[tuple[Record, int]] = []
        self._listed: list[Record] = []
        self._taken: list[tuple[Record, RecordTransition]] = []
        self._new_of: dict[uuid.UUID, uuid.UUID] = {}
        self._continued: dict[uuid.UUID, Facts] = {}

    def move(self, record: Record, account_ref: bytes, person_ref: bytes | None = None) -> Record:
        """Take the giver's edge TRANSFER, and the taker's record through its own edges to ACTIVE."""
        act, hands = self._act, self._hands
        # The giver's act, which it signed; the entry's ``by`` is whoever executes it.
        closed, gone = edges.take_edge(
            act, record, Action.TRANSFER, Party.CREDITOR, hands.reason, actor_id=hands.giver_id
        )
        received = successor(
            record,
            record_id=act.new_id(),
            buyer_id=hands.taker_id,
            account_ref=account_ref,
            person_ref=person_ref,
            pauses=pauses(self._cases.get(record.record_id, ()), record.record_id),
            today=act.today,
        )
        pending, listed = edges.take_edge(act, received, Action.ACCEPT, Party.REGISTRY, _TRANSFERRED)
        active, enforced = edges.take_edge(act, pending, Action.ENFORCE, Party.CLOCK, _TRANSFERRED)
        self._closed.append((closed, record.version))
        self._listed.append(active)
        self._taken += [(closed, gone), (pending, listed), (active, enforced)]
        self._new_of[record.record_id] = active.record_id
        self._continued[listed.event_id] = {"origin": str(record.record_id), "creditor": hands.taker_id}
        return active

    def write(self, pointers: Mapping[bytes, AccountPointer]) -> None:
        """Write the records, their events and log entries.

        The households, the hits of earlier inquiries and the promised evidence are copied for the new record: the taker
        answers for the giver's promise.
        """
        tx, subjects = self._act.tx, {each.subject_key for each in self._listed}
        edges.log_edges(self._act, self._taken, more=self._continued)
        tx.records.update_many(self._closed)
        tx.records.add(self._listed)
        tx.accounts.point([pointer_to(each) for each in self._listed], pointers)
        sold = [(record.subject_key, record.record_id) for record, _ in self._closed]
        tx.inquiry_hits.add(
            [replace(hit, record_id=self._new_of[hit.record_id]) for hit in tx.inquiry_hits.of_records(sold)]
        )
        tx.households.link(
            [
                replace(link, record_id=self._new_of[link.record_id])
                for link in tx.households.links_of(subjects)
                if link.record_id in self._new_of and link.is_current
            ]
        )
        tx.evidence.keep([manifest for record, _ in self._closed for manifest in self._promised(record)])
        edges.write_events(self._act, self._taken)

    def _promised(self, record: Record) -> Iterator[KeptManifest]:
        """Copy the present manifest of a given record for the taker's one."""
        if record.evidence_digest is None:
            return
        manifest = self._act.tx.evidence.manifest(record.subject_key, record.record_id, record.evidence_digest)
        if manifest is not None:
            yield KeptManifest(
                subject_key=record.subject_key,
                record_id=self._new_of[record.record_id],
                manifest=manifest,
                added_at=self._act.now,
            )
