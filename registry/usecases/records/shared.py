"""Share the first step of every act on named records: lock their subjects, and read them as of today."""

import uuid
from collections.abc import Collection

from registry.domain.records import Record
from registry.usecases.act import Act
from registry.usecases.tidying import up_to_date


def hold_own(act: Act, record_ids: Collection[uuid.UUID]) -> list[Record]:
    """Lock the subjects of the actor's own records among these, and return the records after their due edges.

    The records of others, and ids that nobody has, are left out.
    """
    wanted = frozenset(record_ids)
    subjects = act.tx.records.subjects_of(act.actor_id, tuple(wanted))
    act.tx.subjects.lock(subjects)
    held = (each for owned in act.tx.records.of_subjects(subjects).values() for each in owned)
    return up_to_date(act, [each for each in held if each.record_id in wanted and each.creditor_id == act.actor_id])
