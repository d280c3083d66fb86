"""Read the households of a report, and write the changed links of reported debts at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from protocol.messages.records import RecordReport
from protocol.states import HouseholdKind
from protocol.values import quick
from registry.domain.households import HomesGiven, relink
from registry.domain.records import Record
from registry.usecases.act import Act
from registry.usecases.pseudonyms import Pseudonyms, household_row


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Rehousing:
    """A record that a row lists (``before`` is None) or changes, and the pseudonyms of that row."""

    names: Pseudonyms
    before: Record | None
    after: Record


def homes_given(report: RecordReport, names: Pseudonyms) -> HomesGiven:
    """Return the households of a report, for ``with_homes`` and ``has_homes``."""
    register_key = address_key = None
    for kind, key in names.households:
        if kind is HouseholdKind.REGISTER:
            register_key = key
        else:
            address_key = key
    return HomesGiven(register_key=register_key, address_key=address_key, collective=report.collective_household)


def write_homes(act: Act, rehousings: Sequence[Rehousing]) -> None:
    """Write the links that the rows of one transaction begin and end; needs the locks of the records' subjects.

    Several rows may speak of one record, in their order: the first ``before`` and the last ``after`` count. Rows that
    change no household cost no statement.
    """
    first: dict[UUID, Record | None] = {}
    last: dict[UUID, Record] = {}
    named: dict[bytes, Pseudonyms] = {}
    for each in rehousings:
        first.setdefault(each.after.record_id, each.before)
        last[each.after.record_id] = each.after
        named.update(dict.fromkeys(each.names.household_keys, each.names))
    changes = [relink(first[record_id], after, act.now) for record_id, after in last.items()]
    added = [link for change in changes for link in change.added]
    households = act.tx.households
    missing = {link.household_key for link in added} - households.known({link.household_key for link in added})
    households.ensure([household_row(act.registry, named[key], key, act.now) for key in sorted(missing)])
    households.end([end for change in changes for end in change.ended])
    households.link(added)
