"""Read a file of payments: the verdicts of a report, or any list, in which somebody filled in what was paid.

The columns have our own names, and the unit of an amount is in its column's name. Others are not read.
"""

import datetime as dt
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

from gateway.bulk.export import RawRow
from gateway.bulk.mapping import FileMapping, Layout, YesNo
from gateway.bulk.named_columns import layout_of_names, read_time
from gateway.bulk.record_files import STANDS
from gateway.bulk.rows import WRONG_NUMBER_OF_FIELDS
from gateway.counter.settlements import Payment
from gateway.errors import FileBroken
from gateway.identity.accounts import Account, AccountInvalid, Accounts
from gateway.identity.documents import HOME_ISSUER, RawIdentity, SubjectInputs, read_identity
from gateway.local.members import code as word_of
from gateway.local.members import invalid
from protocol.beijing import BEIJING
from protocol.codes import ORDERED_KINDS, SettlementKind
from protocol.encodings import MAX_FEN, AmountCode, AmountError, b64url_encode, canonical_json, format_time, parse_yuan
from protocol.identifiers import DocumentKind, InvalidDocument
from protocol.problems import Refusal
from protocol.table_cells import text_of_cell

_ACCOUNT: Final = "account"
_YUAN: Final = "amount_yuan"
_FEN: Final = "amount_fen"
_DOCUMENT: Final = ("document_kind", "document_number")
_RECORD: Final = "record_id"
_NEEDED: Final = ("kind", "settled_at")
_MAY: Final = (_YUAN, _FEN, *_DOCUMENT, "document_issuer", _RECORD, "waive_rest", "payment", "verdict")
_STANDING: Final = frozenset(each.value for each in STANDS)
_MOST_OF_A_NAME: Final = 64
_KEY_DOMAIN: Final = b"clearline/payment-key/v1\n"
_DIGITS: Final = re.compile("[0-9]{1,13}", re.ASCII)
_DAY: Final = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPayment:
    """A row that can be reported; ``inputs`` are the debtor's, None where the row names the record.

    ``key`` is the payment's Idempotency-Key: the same in each file, for account, kind, amount, time and number.
    """

    payment: Payment
    account: Account
    inputs: SubjectInputs | None = field(repr=False)
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyPayment:
    """A row that cannot be read; ``field`` names its column and ``code`` the fault, never the content."""

    field: str
    code: str


def layout_of(path: Path) -> FileMapping:
    """Find out the encoding and the columns of a file of payments; raises FileBroken."""
    layout = layout_of_names(path, Layout.PAYMENTS, label=(_ACCOUNT, _ACCOUNT), needed=_NEEDED, may=_MAY)
    amounts = [name for name in (_YUAN, _FEN) if name in layout.columns]
    if len(amounts) != 1:
        what = "amount_yuan and amount_fen are both there" if amounts else "missing column amount_yuan, or amount_fen"
        raise FileBroken(path, 1, 1, what)
    if _RECORD not in layout.columns and not layout.columns.keys() >= set(_DOCUMENT):
        raise FileBroken(path, 1, 1, "missing column record_id, or document_kind and document_number")
    return layout


class PaymentReader:
    """Reads the rows of one file; ``today`` is the Beijing date."""

    def __init__(self, positions: Mapping[str, int], *, accounts: Accounts, account_key: bytes, today: dt.date) -> None:
        self._positions = positions
        self._unit = _YUAN if _YUAN in positions else _FEN
        self._accounts = accounts
        self._account_key = account_key
        self._today = today

    def read(self, row: RawRow) -> ToldPayment | FaultyPayment | None:
        """Read a payment; None for a row without a kind: nothing was paid on it."""
        if row.cells is None:
            return FaultyPayment(field="row", code=WRONG_NUMBER_OF_FIELDS)
        cells = {name: text_of_cell(row.cells[place]).strip() for name, place in self._positions.items()}
        if not cells["kind"]:
            return None
        try:
            return self._told({name: text for name, text in cells.items() if text})
        except Refusal as refused:
            [(name, code)] = refused.fields.items()
            return FaultyPayment(field=name, code=code)

    def document_of(self, row: RawRow) -> str | None:
        """Return the cell of a row's document number; None where it has none, or names its record."""
        place = self._positions.get("document_number")
        return None if row.cells is None or place is None else row.cells[place].strip() or None

    def _told(self, cells: dict[str, str]) -> ToldPayment:
        try:
            account = self._accounts.read(cells.get(_ACCOUNT, ""))
        except AccountInvalid as wrong:
            raise invalid(_ACCOUNT, wrong.code) from None
        record_id, identity, inputs = _record(cells), None, None
        if record_id is None:
            identity = _identity(cells)
            try:
                inputs = SubjectInputs(subject=read_identity(identity, today=self._today)[1].subject)
            except InvalidDocument as wrong:
                raise invalid("document_number", wrong.code.value) from None
        kind = word_of(cells, "kind", "", ORDERED_KINDS)
        payment = Payment(
            identity=identity,
            record_id=record_id,
            account=account.number,
            kind=kind,
            amount_fen=_amount(cells, kind, self._unit),
            settled_at=_time(cells.get("settled_at", "")),
            waive_rest=_waive_rest(cells, kind),
        )
        return ToldPayment(payment=payment, account=account, inputs=inputs, key=self._key(payment, account, cells))

    def _key(self, payment: Payment, account: Account, cells: dict[str, str]) -> str:
        """Name the payment; under the account key, so that its number cannot be guessed from the name."""
        number = cells.get("payment", "")
        if len(number) > _MOST_OF_A_NAME:
            raise invalid("payment", "TOO_LONG")
        told = {
            "account": b64url_encode(account.reference),
            "kind": payment.kind.value,
            "amount_fen": payment.amount_fen,
            "settled_at": "" if payment.settled_at is None else format_time(payment.settled_at),
            "waive_rest": payment.waive_rest,
            "payment": number,
        }
        return hmac.digest(self._account_key, _KEY_DOMAIN + canonical_json(told), "sha256").hex()


def _record(cells: dict[str, str]) -> UUID | None:
    """Read the record; None where the row names none. A refused row of a report may name one of somebody else."""
    text = cells.get(_RECORD)
    if text is None or (cells.get("verdict", "") not in _STANDING and "verdict" in cells):
        return None
    try:
        found = UUID(text)
    except ValueError:
        found = None
    if found is None or str(found) != text:
        raise invalid(_RECORD, "NOT_AN_ID")
    return found


def _identity(cells: dict[str, str]) -> RawIdentity:
    if not cells.keys() & set(_DOCUMENT):
        raise invalid(_RECORD, "REQUIRED")
    number = cells.get("document_number")
    if number is None:
        raise invalid("document_number", "REQUIRED")
    kind = word_of(cells, "document_kind", "", DocumentKind)
    return RawIdentity(kind=kind, number=number, issuer=cells.get("document_issuer", HOME_ISSUER))


def _amount(cells: dict[str, str], kind: SettlementKind, name: str) -> int:
    """Read the amount in fen, from the column ``name``; an empty cell is nothing, which only a waiver may say."""
    text = cells.get(name)
    if text is None:
        if kind is SettlementKind.WAIVER:
            return 0
        raise invalid(name, "REQUIRED")
    try:
        amount_fen = parse_yuan(text) if name == _YUAN else _fen(text)
    except AmountError as wrong:
        raise invalid(name, wrong.code.value) from None
    if amount_fen == 0 and kind is not SettlementKind.WAIVER:
        raise invalid(name, "NOTHING_PAID_IS_A_WAIVER")
    return amount_fen


def _fen(text: str) -> int:
    if _DIGITS.fullmatch(text) is None:
        raise AmountError(AmountCode.NOT_AN_AMOUNT)
    if int(text) > MAX_FEN:
        raise AmountError(AmountCode.AMOUNT_TOO_LARGE)
    return int(text)


def _time(text: str) -> dt.datetime:
    """Read the time of a payment; a date alone is its first moment in Beijing."""
    day = _DAY.fullmatch(text)
    if day is None:
        return read_time(text, "settled_at")[0]
    try:
        year, month, date = map(int, day.groups())
        return read_time(format_time(dt.datetime(year, month, date, tzinfo=BEIJING)), "settled_at")[0]
    except ValueError:
        raise invalid("settled_at", "NOT_A_TIME") from None


def _waive_rest(cells: dict[str, str], kind: SettlementKind) -> bool:
    if "waive_rest" not in cells:
        return False
    waives = word_of(cells, "waive_rest", "", YesNo) is YesNo.YES
    if waives and kind is not SettlementKind.FULL:
        raise invalid("waive_rest", "ONLY_WITH_FULL")
    return waives
