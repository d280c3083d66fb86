"""Finds debtors for the story: persons with exactly one blocking record among the rows that were just reported."""

import csv
import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from cli.demo.import_ import results_name
from cli.demo.plan import CARRIERS, Plan
from gateway.bulk.export import Export
from gateway.bulk.mapping import Layout, load
from gateway.bulk.rows import raw_identity
from gateway.identity.documents import RawIdentity, read_identity
from protocol.codes import Verdict
from protocol.identifiers import InvalidDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class Debtor:
    """A person with one blocking record, and its account; the creditor itself knows all of this."""

    creditor: str
    identity: RawIdentity = field(repr=False)
    account: str = field(repr=False)

    @property
    def hint(self) -> str:
        """Return a part of the number that identifies the row but no person."""
        return f"…{self.identity.number.strip()[-4:]}"


def debtors(plan: Plan, today: dt.date) -> list[Debtor]:
    """List the persons with exactly one blocking record, the first carrier's debtors first."""
    found: dict[bytes, list[Debtor]] = defaultdict(list)
    for carrier in CARRIERS:
        for subject, debtor in _blocking(plan, carrier, today):
            found[subject].append(debtor)
    single = [owed[0] for owed in found.values() if len(owed) == 1]
    return sorted(single, key=lambda each: CARRIERS.index(each.creditor))


def _blocking(plan: Plan, carrier: str, today: dt.date) -> Iterator[tuple[bytes, Debtor]]:
    mapping = load(plan.sample.mapping(carrier), Layout.ARREARS)
    export = Export(plan.sample.export(carrier), mapping)
    checked = export.check()
    with (plan.work / results_name(carrier)).open(encoding="utf-8", newline="") as file:
        verdicts = csv.reader(file)
        next(verdicts)  # the header
        for row, (_, verdict, *_) in zip(export.rows(checked), verdicts, strict=True):
            if verdict != Verdict.ACTIVE or row.cells is None:
                continue
            kind = mapping.kinds[row.cells[checked.positions["document_kind"]].strip()]
            raw = raw_identity(mapping, checked.positions, row.cells, kind)
            # Pass only the identity document, without the address: the story is not about a household's debts.
            identity = RawIdentity(kind=raw.kind, number=raw.number, issuer=raw.issuer)
            try:
                _, inputs = read_identity(identity, today=today)
            except InvalidDocument:
                continue
            yield inputs.subject, Debtor(creditor=carrier, identity=identity, account=row.label)
