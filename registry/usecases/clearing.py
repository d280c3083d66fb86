"""Issues the clearance: the registry's signature around the creditor's, checkable by anybody offline."""

import datetime as dt

from crypto.signing.jws import sign_compact
from protocol.encodings import canonical_json, format_time
from protocol.log_entries import EntryKind
from registry.domain.ids import uuid7
from registry.domain.participant import Actor
from registry.domain.settlement import Clearance, Settlement
from registry.policy.rules import Rules
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.journal import log_entry

CLEARANCE_TYPE = "clearline-clearance+jws"


def issue_clearance(
    registry: Registry, tx: Transaction, actor: Actor, settlement: Settlement, rules: Rules, now: dt.datetime
) -> Clearance:
    """The clearance that follows ``settlement``, stored and logged in the settlement's own transaction.

    No pseudonym is in it: it says that the last blocking record of whoever bears it went with this settlement.
    """
    clearance_id = uuid7(now, registry.random)
    claims = {
        "v": 1,
        "clearance_id": str(clearance_id),
        "issuer": registry.name,
        "issued_at": format_time(now),
        "rules_version": rules.version,
        "settlement_id": str(settlement.settlement_id),
        "settlement": settlement.statement,
    }
    jws = sign_compact(
        canonical_json(claims),
        typ=CLEARANCE_TYPE,
        key_id=registry.keys.signing_key_id,
        private_key=registry.keys.signing_key,
    )
    clearance = Clearance(
        subject_key=settlement.subject_key,
        clearance_id=clearance_id,
        settlement_id=settlement.settlement_id,
        jws=jws,
        issued_at=now,
        issued_to=actor.participant_id,
        log_entry_id=clearance_id,
    )
    tx.clearances.add(clearance)
    entry = log_entry(
        registry,
        EntryKind.CLEARANCE,
        entry_id=clearance_id,
        at=now,
        actor=actor,
        facts={"settlement": str(settlement.settlement_id), "rules": rules.version},
        subject_key=settlement.subject_key,
        personal={"subject": settlement.subject_key.hex()},
    )
    tx.log.append((entry,))
    return clearance
