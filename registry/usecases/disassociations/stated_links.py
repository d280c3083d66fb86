"""The part of a statement that tells for which kinds of household a subject's records count, and since when."""

import uuid
from collections.abc import Callable, Iterable
from typing import Any

from protocol.beijing import beijing_date
from registry.domain.subjects import HouseholdLink


def stated_links(links: Iterable[HouseholdLink], number: Callable[[uuid.UUID], int | None]) -> list[dict[str, Any]]:
    """Each span in which a record counted for a household, until it is erased; no household is named.

    ``number`` gives a record's number in the statement.
    """
    return [
        {
            "record": number(each.record_id),
            "kind": each.kind.value,
            "since": beijing_date(each.linked_at).isoformat(),
            "ended_on": None if each.ended_at is None else beijing_date(each.ended_at).isoformat(),
        }
        for each in sorted(links, key=lambda each: (each.record_id, each.linked_at, each.kind))
    ]
