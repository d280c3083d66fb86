"""Erasure in the log: personal parts go, every proof stays valid, and an entry says which openings they were."""

from collections.abc import Sequence

from protocol.log_entries import EntryKind, Facts, erasure_digest
from registry.store.log import Opening
from registry.usecases.act import Act


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
