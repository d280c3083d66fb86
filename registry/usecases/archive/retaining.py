"""The limits of age for an act: its day and its rules, given to registry/policy/retention.py."""

import datetime as dt
from collections.abc import Collection
from uuid import UUID

from protocol.beijing import beijing_date
from protocol.messages.rules import RetentionTerms
from registry.domain.ids import first_uuid7
from registry.domain.records import Record
from registry.policy import retention
from registry.usecases.act import Act


def terms_of(act: Act) -> RetentionTerms:
    """The terms of retention of the act's day."""
    return retention.terms_on(act.today, act.book)


def listed_on(record: Record) -> dt.date:
    """The Beijing date on which the record was first listed."""
    return beijing_date(record.received_at)


def first_of(act: Act, subject_keys: Collection[bytes]) -> UUID:
    """The lowest id that an entry of these subjects may have whose personal part is still there.

    A subject's entries begin with its subject row. Entries about somebody from before, such as a rejected report's, go
    by their age.
    """
    moments = (act.tx.subjects.known_since(subject_keys), retention.asked_before(act.today, terms_of(act)))
    return first_uuid7(min(moment for moment in moments if moment is not None))


def over_before(act: Act) -> dt.datetime:
    """The moment before which everything that was listed is over today."""
    return retention.over_before(act.today, terms_of(act))
