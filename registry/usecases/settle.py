"""A creditor says that a debt is settled: it stops blocking in this transaction, and the last one brings a clearance."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from crypto.errors import SignatureRefused
from crypto.signing.jws import verify_compact
from crypto.signing.keys import load_public
from protocol.codes import SettlementKind
from protocol.encodings import canonical_json
from protocol.log_entries import EntryKind
from protocol.messages import SettlementOrder, SettlementReceipt, statement_claims
from protocol.problems import Problem, Refusal
from registry.domain.ids import uuid7
from registry.domain.participant import Actor
from registry.domain.record import Action, Party, Record, RecordState
from registry.domain.settlement import Clearance, Settlement
from registry.policy.rules import Rules, beijing_date
from registry.store.transactions import Transaction
from registry.usecases.clearing import issue_clearance
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.journal import log_entry
from registry.usecases.pseudonyms import pseudonyms
from registry.usecases.quoting import owed_on
from registry.usecases.transitions import move

STATEMENT_TYPE = "clearline-settlement+jws"
_CLOCK_SKEW = dt.timedelta(minutes=5)


def settle(registry: Registry, actor: Actor, call: IdempotentCall, order: SettlementOrder) -> Outcome:
    """Settle the creditor's open record on an account.

    Raises Refusal: EPOCH_UNKNOWN, BAD_ELEMENT, NOT_FOUND (no record of this creditor on the account),
    EDGE_NOT_ALLOWED (it is closed already), STATEMENT_INVALID, INVALID_FIELD (settled in the future).
    """
    subject_key = pseudonyms(registry, order.tokens).subject_key

    def work(tx: Transaction, now: dt.datetime) -> tuple[int, Mapping[str, Any]]:
        if order.settled_at > now + _CLOCK_SKEW:
            raise Refusal(Problem.INVALID_FIELD, fields={"settled_at": "in-the-future"})
        _check_statement(tx, actor, order)
        tx.subjects.lock((subject_key,))
        records = tx.records.of_subjects((subject_key,)).get(subject_key, ())
        till = _Till(registry, tx, actor, order, now, registry.rules.in_force(beijing_date(now)))
        return 201, till.settle(_open_record(actor, order, records), records).to_wire()

    return answer_once(registry, actor, call, work)


def _open_record(actor: Actor, order: SettlementOrder, records: tuple[Record, ...]) -> Record:
    account = [
        each for each in records if (each.creditor_id, each.account_ref) == (actor.participant_id, order.account_ref)
    ]
    if not account:
        raise Refusal(Problem.NOT_FOUND)
    for record in account:
        if record.is_open:
            return record
    raise Refusal(Problem.EDGE_NOT_ALLOWED, detail=f"The record is {account[-1].state}.")


def _check_statement(tx: Transaction, actor: Actor, order: SettlementOrder) -> None:
    """The creditor's JWS must be by one of its own live keys, over exactly what the order says."""

    def resolve(key_id: str) -> Ed25519PublicKey:
        found = tx.participants.key(key_id)
        if found is None or found[0].participant_id != actor.participant_id or found[1].revoked_at is not None:
            raise Refusal(Problem.STATEMENT_INVALID)
        return load_public(found[1].public_key)

    claims = statement_claims(
        creditor=actor.participant_id,
        account_ref=order.account_ref,
        kind=order.kind,
        amount_fen=order.amount_fen,
        settled_at=order.settled_at,
    )
    try:
        _, payload = verify_compact(order.statement, typ=STATEMENT_TYPE, resolve=resolve)
    except SignatureRefused:
        raise Refusal(Problem.STATEMENT_INVALID) from None
    if payload != canonical_json(claims):
        raise Refusal(Problem.STATEMENT_INVALID)


@dataclass(frozen=True, slots=True)
class _Till:
    """One settlement being entered: everything it needs beside the record."""

    registry: Registry
    tx: Transaction
    actor: Actor
    order: SettlementOrder
    now: dt.datetime
    rules: Rules

    def settle(self, record: Record, records: tuple[Record, ...]) -> SettlementReceipt:
        settlement = self._settlement(record)
        today = beijing_date(self.now)
        paid = record.paid_fen + (0 if self.order.kind is SettlementKind.WAIVER else self.order.amount_fen)
        after = replace(record, paid_fen=paid)
        remaining = owed_on(after, today, self.rules).total_fen
        self.tx.settlements.add(settlement)
        self._log(settlement)
        if self.order.kind is SettlementKind.PARTIAL and remaining > 0:
            after = replace(after, version=record.version + 1, log_entry_id=settlement.log_entry_id)
            self.tx.records.update(after, expected_version=record.version)
            return self._receipt(settlement, after.state, remaining, None)
        reason = f"settled-{self.order.kind.lower()}"
        after = move(
            self.registry, self.tx, after, Action.CLEAR, Party.CREDITOR, self.actor, reason, self.now, self.rules
        )
        clearance = None
        if record.blocks and not any(each.blocks for each in records if each.record_id != record.record_id):
            clearance = issue_clearance(self.registry, self.tx, self.actor, settlement, self.rules, self.now)
        return self._receipt(settlement, after.state, 0, clearance)

    def _settlement(self, record: Record) -> Settlement:
        settlement_id = uuid7(self.now, self.registry.random)
        return Settlement(
            subject_key=record.subject_key,
            settlement_id=settlement_id,
            record_id=record.record_id,
            creditor_id=self.actor.participant_id,
            kind=self.order.kind,
            amount_fen=self.order.amount_fen,
            settled_at=self.order.settled_at,
            received_at=self.now,
            statement=self.order.statement,
            log_entry_id=settlement_id,
        )

    def _log(self, settlement: Settlement) -> None:
        entry = log_entry(
            self.registry,
            EntryKind.SETTLEMENT,
            entry_id=settlement.log_entry_id,
            at=self.now,
            actor=self.actor,
            facts={"record": str(settlement.record_id), "kind": settlement.kind.value},
            subject_key=settlement.subject_key,
            personal={"subject": settlement.subject_key.hex(), "amount_fen": settlement.amount_fen},
        )
        self.tx.log.append((entry,))

    def _receipt(
        self, settlement: Settlement, state: RecordState, remaining: int, clearance: Clearance | None
    ) -> SettlementReceipt:
        return SettlementReceipt(
            settlement_id=settlement.settlement_id,
            record_id=settlement.record_id,
            state=state.value,
            outstanding_fen=remaining,
            clearance_id=None if clearance is None else clearance.clearance_id,
            clearance=None if clearance is None else clearance.jws,
        )
