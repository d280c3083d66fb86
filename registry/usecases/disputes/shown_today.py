"""Shows cases as they are today: a deadline that is over has come, whether the clock has written it or not."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from registry.domain.disputes import Dispute
from registry.domain.records import Record
from registry.usecases.act import Act
from registry.usecases.disputes.shared import dispute_document
from registry.usecases.standings import standings


def shown_today(act: Act, cases: Sequence[Dispute], records: Mapping[uuid.UUID, Record]) -> list[dict[str, Any]]:
    """What is shown of each case whose record is there, in their order."""
    named = {each.record_id: records[each.record_id] for each in cases if each.record_id in records}
    today = {each.record.record_id: each for each in standings(act, named.values())}
    shown = []
    for case in cases:
        if case.record_id in today:
            found = today[case.record_id]
            now = found.case_of_today
            current = case if now is None or now.dispute_id != case.dispute_id else now
            shown.append(dispute_document(current, found.as_of_today))
    return shown
