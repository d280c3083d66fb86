"""End the attestations that a carrier's own report speaks against, in the report's transaction."""

from collections.abc import Collection

from protocol.attestations import AttestationState
from registry.domain.records import Record
from registry.usecases.act import Act
from registry.usecases.attestations.shared import end, may_be_held


def end_contradicted(act: Act, records: Collection[Record]) -> None:
    """Make VOID what records contradict that were listed, or whose due date changed; it needs the subjects' locks.

    Where no version of the rules has allowed attestations nothing is read.
    """
    if not records or not may_be_held(act):
        return
    held = act.tx.attestations.of_subjects({each.subject_key for each in records})
    void = [each for each in held if any(map(each.is_contradicted_by, records))]
    if void:
        end(act, void, AttestationState.VOID)
