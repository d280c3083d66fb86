"""Read a file of attestations: an account with its holder, the months paid in time, and the holder's consent.

The columns have our own names; others are not read. The months are cut to a band here: the exact number never leaves.
"""

import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from crypto.references import Named, NameInvalid
from gateway.bulk.export import RawRow
from gateway.bulk.mapping import FileMapping, Layout
from gateway.bulk.named_columns import layout_of_names, read_time
from gateway.bulk.rows import WRONG_NUMBER_OF_FIELDS
from gateway.identity.accounts import AccountInvalid
from gateway.identity.documents import HOME_ISSUER, RawIdentity, SubjectInputs, read_identity
from gateway.local.members import code as word_of
from gateway.local.members import invalid
from gateway.tools import Tools
from protocol.attestations import ConsentMethod, ConsentPurpose, band_of
from protocol.grades import Tenure
from protocol.identifiers import DocumentKind, InvalidDocument
from protocol.messages.attestations import AttestationConsent
from protocol.messages.evidence import document_digest
from protocol.messages.limits import MAX_DOCUMENT_BYTES
from protocol.names import CONSENT_TEXT
from protocol.problems import Refusal
from protocol.table_cells import text_of_cell

_ACCOUNT: Final = "account"
_NEEDED: Final = (
    "document_kind",
    "document_number",
    "months",
    "as_of",
    "consent",
    "consent_method",
    "consent_given_at",
    "consent_until",
    "consent_proof",
)
_MAY: Final = ("document_issuer", "consent_text")
_SALT_DOMAIN: Final = b"clearline/consent-salt/v1\n"
_MONTHS: Final = re.compile("[0-9]{1,4}", re.ASCII)
_DAY: Final = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})", re.ASCII)
_TEXT: Final = re.compile(CONSENT_TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldStanding:
    """A row that can be sent once it has its token."""

    account_number: str = field(repr=False)
    account_ref: bytes = field(repr=False)
    inputs: SubjectInputs = field(repr=False)
    band: Tenure
    as_of: dt.date
    consent: AttestationConsent


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyStanding:
    """A row that cannot be read; ``field`` names its column and ``code`` the fault, never the content."""

    field: str
    code: str


def layout_of(path: Path) -> FileMapping:
    """Find out the encoding and the columns of a file of attestations; raises FileBroken."""
    return layout_of_names(path, Layout.ATTESTATIONS, label=(_ACCOUNT, _ACCOUNT), needed=_NEEDED, may=_MAY)


class StandingReader:
    """Reads the rows of one file; ``today`` is the Beijing date, and proofs lie in ``folder`` or below it."""

    def __init__(self, positions: Mapping[str, int], tools: Tools, *, folder: Path, today: dt.date) -> None:
        self._positions = positions
        self._tools = tools
        self._folder = folder.resolve()
        self._today = today

    def read(self, row: RawRow) -> ToldStanding | FaultyStanding | None:
        """Read an attestation; None for a row without months, or with fewer than the shortest band."""
        if row.cells is None:
            return FaultyStanding(field="row", code=WRONG_NUMBER_OF_FIELDS)
        cells = {name: text_of_cell(row.cells[place]).strip() for name, place in self._positions.items()}
        try:
            band = _band(cells["months"])
            return None if band is Tenure.NONE else self._told(cells, band)
        except Refusal as refused:
            [(name, code)] = refused.fields.items()
            return FaultyStanding(field=name, code=code)

    def document_of(self, row: RawRow) -> str | None:
        """Return the cell of a row's document number."""
        return None if row.cells is None else row.cells[self._positions["document_number"]].strip() or None

    def _told(self, cells: Mapping[str, str], band: Tenure) -> ToldStanding:
        try:
            account = self._tools.accounts.read(cells[_ACCOUNT])
        except AccountInvalid as wrong:
            raise invalid(_ACCOUNT, wrong.code) from None
        return ToldStanding(
            account_number=account.number,
            account_ref=account.reference,
            inputs=_inputs(cells, self._today),
            band=band,
            as_of=_day(cells, "as_of"),
            consent=self._consent(cells),
        )

    def _consent(self, cells: Mapping[str, str]) -> AttestationConsent:
        try:
            reference = self._tools.references.of(Named.CONSENT, cells["consent"])
        except NameInvalid:
            raise invalid("consent", "REQUIRED" if not cells["consent"] else "MALFORMED") from None
        text = cells.get("consent_text") or self._tools.context.consent_text or ""
        if _TEXT.fullmatch(text) is None:
            raise invalid("consent_text", "MALFORMED" if text else "REQUIRED")
        return AttestationConsent(
            consent_ref=reference,
            text=text,
            purpose=ConsentPurpose.GRADE,
            given_at=read_time(cells["consent_given_at"], "consent_given_at")[0],
            method=word_of(dict(cells), "consent_method", "", ConsentMethod),
            document_sha256=self._proof(cells["consent_proof"], reference),
            until=_day(cells, "consent_until"),
        )

    def _proof(self, name: str, reference: bytes) -> bytes:
        """Digest the proof of a consent under a salt that follows from the account key; the proof stays here."""
        if not name:
            raise invalid("consent_proof", "REQUIRED")
        file = self._folder / name
        if file.is_symlink() or not file.resolve().is_relative_to(self._folder) or not file.is_file():
            raise invalid("consent_proof", "NO_SUCH_FILE")
        if not 0 < file.stat().st_size <= MAX_DOCUMENT_BYTES:
            raise invalid("consent_proof", "OUT_OF_RANGE")
        content = file.read_bytes()
        about = _SALT_DOMAIN + reference + hashlib.sha256(content).digest()
        return document_digest(hmac.digest(self._tools.account_key, about, "sha256"), content)


def _inputs(cells: Mapping[str, str], today: dt.date) -> SubjectInputs:
    number = cells["document_number"]
    if not number:
        raise invalid("document_number", "REQUIRED")
    kind = word_of(dict(cells), "document_kind", "", DocumentKind)
    identity = RawIdentity(kind=kind, number=number, issuer=cells.get("document_issuer") or HOME_ISSUER)
    try:
        return SubjectInputs(subject=read_identity(identity, today=today)[1].subject)
    except InvalidDocument as wrong:
        raise invalid("document_number", wrong.code.value) from None


def _band(text: str) -> Tenure:
    if not text:
        return Tenure.NONE
    if _MONTHS.fullmatch(text) is None:
        raise invalid("months", "NOT_A_NUMBER")
    return band_of(int(text))


def _day(cells: Mapping[str, str], name: str) -> dt.date:
    found = _DAY.fullmatch(cells[name])
    if found is None:
        raise invalid(name, "NOT_A_DATE" if cells[name] else "REQUIRED")
    try:
        return dt.date(*map(int, found.groups()))
    except ValueError:
        raise invalid(name, "NOT_A_DATE") from None
