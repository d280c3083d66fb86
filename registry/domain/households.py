"""A report gives a record's household keys; a change of keys adds and ends links."""

import datetime as dt
import uuid
from dataclasses import dataclass, field, replace
from typing import Final

from protocol.states import HouseholdKind
from protocol.values import quick
from registry.domain.records import Record
from registry.domain.subjects import HouseholdLink


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class HomesGiven:
    """The household keys of a report; a key is None if the report gives none."""

    register_key: bytes | None = field(default=None, repr=False)
    address_key: bytes | None = field(default=None, repr=False)
    collective: bool = False
    """The debtor is registered in a dormitory or with an employer: its register key ends."""


NO_HOMES: Final = HomesGiven()
"""A report without a household leaves the record's households unchanged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkEnd:
    """The end of a record's current link to a household."""

    household_key: bytes = field(repr=False)
    subject_key: bytes = field(repr=False)
    record_id: uuid.UUID
    ended_at: dt.datetime


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class LinkChange:
    """The links that begin and those that end when a record is written."""

    added: tuple[HouseholdLink, ...]
    ended: tuple[LinkEnd, ...]


def homes_after(
    given: HomesGiven, register_key: bytes | None = None, address_key: bytes | None = None
) -> tuple[bytes | None, bytes | None]:
    """Return the keys of register and address after a report, for a record that had these or, being new, none.

    A collective register ends the old register key, also if the report names a key beside it: strangers live there.
    A missing key changes nothing: an unreadable address does not mean that the debtor moved.
    """
    register = None if given.collective else given.register_key or register_key
    return register, given.address_key or address_key


def with_homes(record: Record, given: HomesGiven) -> Record:
    """Return the record with the households of a report: a new key replaces the old one of its kind."""
    register_key, address_key = homes_after(given, record.register_key, record.address_key)
    return replace(record, register_key=register_key, address_key=address_key)


def has_homes(record: Record, given: HomesGiven) -> bool:
    """Tell whether the record already has the households of the report."""
    held = (record.register_key, record.address_key)
    return homes_after(given, *held) == held


def relink(before: Record | None, after: Record, at: dt.datetime) -> LinkChange:
    """Return the changed links between a record as stored (None for a new one) and as it will be stored."""
    held, holds = {} if before is None else _homes(before), _homes(after)
    return LinkChange(
        added=tuple(
            HouseholdLink(
                household_key=key, subject_key=after.subject_key, record_id=after.record_id, kind=kind, linked_at=at
            )
            for kind, key in holds.items()
            if held.get(kind) != key
        ),
        ended=tuple(
            LinkEnd(household_key=key, subject_key=after.subject_key, record_id=after.record_id, ended_at=at)
            for kind, key in held.items()
            if holds.get(kind) != key
        ),
    )


def _homes(record: Record) -> dict[HouseholdKind, bytes]:
    keys = {HouseholdKind.REGISTER: record.register_key, HouseholdKind.ADDRESS: record.address_key}
    return {kind: key for kind, key in keys.items() if key is not None}
