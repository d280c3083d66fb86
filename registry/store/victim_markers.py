"""Keep the markers of victims of identity theft."""

from collections.abc import Collection
from operator import attrgetter
from typing import Final

import sqlalchemy as sa

from registry.domain.disputes import VictimMarker
from registry.store import columns
from registry.store.prepared import ByKeys, Insert, grouped
from registry.store.repository import Repository

# Markers are only added: a renewal is a further row, so that the state of any past day stays known.
victim_marker: Final = sa.Table(
    "victim_marker",
    columns.metadata,
    columns.key(),
    columns.uuid("marker_id"),
    columns.text("set_by", 64),
    columns.time("set_at"),
    columns.day("until"),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("subject_key", "marker_id"),
    columns.references(["subject_key"], "subject"),
    columns.references(["set_by"], "participant", ["participant_id"]),
    info=columns.BY_SUBJECT,
)

_INSERT: Final = Insert(victim_marker)
OF_SUBJECTS: Final = ByKeys(
    sa.select(victim_marker),
    victim_marker.c.subject_key,
    order=(victim_marker.c.subject_key, victim_marker.c.set_at, victim_marker.c.marker_id),
)


class VictimMarkers(Repository):
    """Distribution key: ``subject_key``."""

    def add(self, marker: VictimMarker) -> None:
        _INSERT.run(self._connection, [marker])

    def of_subjects(self, keys: Collection[bytes]) -> dict[bytes, tuple[VictimMarker, ...]]:
        """Read all markers of the subjects that have one, ended ones included: on the hot path of an inquiry."""
        return grouped(self._of(VictimMarker, OF_SUBJECTS, keys), attrgetter("subject_key"))
