"""Keep a settlement, and issue the clearance: the registry's signature around the creditor's signed word."""

from crypto.signing.jws import sign_compact
from protocol.encodings import canonical_json, format_time
from protocol.log_entries import EntryKind
from registry.domain.settlements import Clearance, Settlement
from registry.usecases.act import Act

CLEARANCE_TYPE = "clearline-clearance+jws"


def write_settlement(act: Act, settlement: Settlement) -> None:
    """Keep a settlement with its log entry, its creditor's or a collector's."""
    personal: dict[str, str | int] = {"subject": settlement.subject_key.hex(), "amount_fen": settlement.amount_fen}
    if settlement.waived_fen:
        personal["waived_fen"] = settlement.waived_fen
    act.log(
        EntryKind.SETTLEMENT,
        settlement.log_entry_id,
        {
            "record": str(settlement.record_id),
            "kind": settlement.kind.value,
            "settled_at": format_time(settlement.settled_at),
        },
        subject_key=settlement.subject_key,
        personal=personal,
    )
    act.tx.settlements.add(settlement)


def issue_clearance(act: Act, settlement: Settlement) -> Clearance:
    """Issue the clearance that follows ``settlement``; store and log it in the settlement's own transaction.

    It names no pseudonym: it says that this settlement closed its bearer's last blocking record.
    """
    clearance_id = act.new_id()
    claims = {
        "v": 1,
        "clearance_id": str(clearance_id),
        "issuer": act.registry.name,
        "issued_at": format_time(act.now),
        "rules_version": act.rules.version,
        "settlement_id": str(settlement.settlement_id),
        "settlement": settlement.statement,
    }
    keys = act.registry.keys
    clearance = Clearance(
        subject_key=settlement.subject_key,
        clearance_id=clearance_id,
        settlement_id=settlement.settlement_id,
        jws=sign_compact(
            canonical_json(claims), typ=CLEARANCE_TYPE, key_id=keys.signing_key_id, private_key=keys.signing_key
        ),
        issued_at=act.now,
        issued_to=act.actor_id,
        log_entry_id=clearance_id,
    )
    act.log(
        EntryKind.CLEARANCE,
        clearance_id,
        {"settlement": str(settlement.settlement_id), "rules": act.rules.version},
        subject_key=settlement.subject_key,
        personal={"subject": settlement.subject_key.hex()},
    )
    act.tx.clearances.add(clearance)
    return clearance
