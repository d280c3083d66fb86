"""Erasure in the log: personal parts go, every proof stays valid, and an entry says which openings they were."""

import json
import uuid
from collections.abc import Collection, Sequence

from protocol.log_entries import EntryKind, Facts, erasure_digest
from registry.store.log import Opening
from registry.usecases.act import Act


def told_of(records: Collection[uuid.UUID], entries: Sequence[tuple[Opening, bytes]]) -> list[Opening]:
    """Of openings with their cores, those that tell of these records.

    An entry tells of a record when its facts name the record, or an entry that does: the settlement's entry names the
    record, the clearance's names the settlement, its revocation's the clearance.
    """
    named = {str(each) for each in records}
    left = [(opening, {str(fact) for fact in json.loads(core)["facts"].values()}) for opening, core in entries]
    found: list[Opening] = []
    while True:
        belonging = [opening for opening, facts in left if facts & named]
        if not belonging:
            return found
        found += belonging
        left = [(opening, facts) for opening, facts in left if not facts & named]
        named |= {str(entry_id) for _, entry_id in belonging}


def erase(act: Act, openings: Sequence[Opening], facts: Facts) -> None:
    """Take the personal parts of the openings, under an entry of its own that an auditor can hold against them."""
    entry_id = act.new_id()
    told = {
        **facts,
        "openings": len(openings),
        "digest": erasure_digest(each for _, each in openings).hex(),
        "rules": act.rules.version,
    }
    act.log(EntryKind.ERASURE, entry_id, told)
    act.tx.log.erase(openings, entry_id)
