"""Reports debts as a carrier does: an export of its billing system, its layout, and the gateway's run over it."""

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gateway.gateway import Gateway
from gateway.identity.documents import RawIdentity
from protocol.codes import Category, NoticeChannel, ServiceClass
from protocol.identifiers import DocumentKind
from serving.files import write_whole

_COLUMNS: Final = (
    *("account", "document_kind", "document_number", "document_issuer", "household_register", "address", "service"),
    *("due_date", "principal", "notice_date", "notice_channel", "category"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A debt as its creditor exports it; dates are Beijing dates."""

    identity: RawIdentity = field(repr=False)
    account: str = field(repr=False)
    service_class: ServiceClass
    principal_fen: int
    due_on: dt.date
    noticed_on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """The verdict of a debt, and its record."""

    verdict: str
    record_id: str


def report_debts(gateway: Gateway, owed: Sequence[Owed], work: Path) -> dict[str, Reported]:
    """Report debts from a file in ``work``; returns the outcome of each account."""
    carrier = gateway.carrier
    mapping, source = work / f"debts-{carrier}.toml", work / f"debts-{carrier}.csv"
    output = work / f"results-{carrier}.csv"
    write_whole(mapping, _mapping().encode("ascii"))
    write_whole(source, _export(owed))
    gateway.report_file(source=source, mapping=mapping, output=output, restart=True)
    with output.open(encoding="utf-8", newline="") as file:
        return {
            row["account"]: Reported(verdict=row["verdict"], record_id=row["record_id"]) for row in csv.DictReader(file)
        }


def _mapping() -> str:
    """Describe the export: columns of our own names, and every word by itself."""
    columns = "".join(f'{name} = "{name}"\n' for name in _COLUMNS)
    words: dict[str, list[str]] = {
        "document_kind": [each.value for each in DocumentKind],
        "service": [each.value for each in ServiceClass],
        "notice_channel": [NoticeChannel.SMS.value],
        "category": [Category.MALICIOUS.value, Category.ENTERPRISE.value],
    }
    values = "".join(
        f"[values.{field}]\n" + "".join(f'"{each}" = "{each}"\n' for each in known) for field, known in words.items()
    )
    return f'[file]\nencoding = "utf-8"\ndates = "%Y-%m-%d"\n[columns]\n{columns}{values}'


def _export(owed: Sequence[Owed]) -> bytes:
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_COLUMNS)
    rows.writerows(map(_row, owed))
    return text.getvalue().encode()


def _row(owed: Owed) -> tuple[str, ...]:
    who = owed.identity
    category = Category.ENTERPRISE if who.kind is DocumentKind.ENTERPRISE else Category.MALICIOUS
    return (
        *(owed.account, who.kind.value, who.number, who.issuer, who.household_register, who.address),
        *(owed.service_class.value, owed.due_on.isoformat()),
        f"{owed.principal_fen // 100}.{owed.principal_fen % 100:02d}",
        *(owed.noticed_on.isoformat(), NoticeChannel.SMS.value, category.value),
    )
