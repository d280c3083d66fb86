"""Erasure in the log: personal parts go, every proof stays valid, and an entry says which openings they were."""

import json
import re
import uuid
from collections.abc import Collection, Sequence
from typing import Final

from protocol.log_entries import EntryKind, Facts, erasure_digest
from registry.store.log.openings import Opening
from registry.usecases.act import Act

_ID: Final = re.compile(rb'"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"')


def told_of(records: Collection[uuid.UUID], entries: Sequence[tuple[Opening, bytes]]) -> list[Opening]:
    """Filter openings with their cores down to those about these records.

    An entry is about a record when its facts name the record, or another such entry: the settlement's entry names the
    record, the clearance's names the settlement, its revocation's the clearance.
    """
    fresh = {str(each).encode("ascii") for each in records}
    # Parse only a core that contains one of the ids: a firm has tens of thousands of entries.
    by_id: dict[bytes, list[tuple[Opening, bytes]]] = {}
    for opening, core in entries:
        for each in set(_ID.findall(core)):
            by_id.setdefault(each, []).append((opening, core))
    found: dict[Opening, None] = {}
    while fresh:
        belonging = {
            opening: None
            for each in fresh
            for opening, core in by_id.get(each, ())
            if opening not in found and each.decode("ascii") in json.loads(core)["facts"].values()
        }
        found |= belonging
        fresh = {str(entry_id).encode("ascii") for _, entry_id in belonging}
    return list(found)


def erase(act: Act, openings: Sequence[Opening], facts: Facts) -> None:
    """Erase the personal parts of the openings, under an entry of its own with which an auditor can compare them."""
    entry_id = act.new_id()
    told = {
        **facts,
        "openings": len(openings),
        "digest": erasure_digest(each for _, each in openings).hex(),
        "rules": act.rules.version,
    }
    act.log(EntryKind.ERASURE, entry_id, told)
    act.tx.openings.erase(openings, entry_id)
