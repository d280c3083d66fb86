"""Read the inputs and letters of inquiries from the log, each entry proved, for a table that names inquiries only."""

from collections.abc import Collection, Sequence
from uuid import UUID

from auditlog.audit.entry_filter import Entry
from auditlog.audit.grades import ASKING, CREDIT
from cli.audit.access import OpeningsAccess
from cli.audit.whole_log import WholeLogs, Year


def read_told(wanted: Collection[UUID], years: Sequence[Year], access: OpeningsAccess) -> dict[UUID, str]:
    """Return the texts of the wanted inquiries that have one; raises Failure where an entry does not hold."""
    told: dict[UUID, str] = {}

    def take(entry: Entry) -> None:
        if entry.kind in ASKING and entry.entry_id in wanted and CREDIT in entry.personal:
            told[entry.entry_id] = str(entry.personal[CREDIT])

    logs = WholeLogs(access, take)
    for year in years:
        with logs.read(year):
            logs.check()
    return told
