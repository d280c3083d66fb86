"""Digest rows under a key of the carrier: the cells as the file spells them, and the facts that would be reported."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Final

from gateway.bulk.evidence import EvidenceFolder, EvidenceIncomplete
from gateway.bulk.export import RawRow
from gateway.bulk.row_values import Reportable
from gateway.identity.accounts import AccountInvalid, Accounts

ROW_BYTES: Final = 32
FACT_BYTES: Final = 8
_KEY_DOMAIN: Final = b"clearline/row-digests/v1\n"
_SEAL: Final = b"seal\n"
_ROW: Final = b"row\n"
_FACTS: Final = b"facts\n"
_CELLS: Final = b"cells\n"
_NO_FIGURES: Final = frozenset({"row_id", "account_ref", "former_account_ref", "evidence", "person_ref"})
_INCOMPLETE: Final = "incomplete"


class RowDigests:
    """Digests of one file's rows. Whoever lacks the account key can neither compute nor test one."""

    def __init__(
        self,
        account_key: bytes,
        accounts: Accounts,
        positions: Mapping[str, int],
        evidence: EvidenceFolder | None = None,
    ) -> None:
        self._key = digest_key(account_key)
        self._accounts = accounts
        self._places = [place for _, place in sorted(positions.items())]
        self._others = [place for name, place in sorted(positions.items()) if name != "account"]
        self._evidence = evidence

    def of_row(self, row: RawRow) -> bytes | None:
        """Digest the mapped cells and the marks of the row's documents; None for a broken row."""
        cells = row.cells
        if cells is None:
            return None
        text = "".join([f"{len(cells[place])}:{cells[place]}" for place in self._places])
        if self._evidence is not None:
            text += self._papers(self._evidence, row.label)
        return hmac.digest(self._key, _ROW + text.encode("utf-8"), "sha256")

    def of_facts(self, read: Reportable) -> bytes:
        """Digest the facts that would be reported, however the cells spell them, in 8 bytes."""
        inputs, keywords = read.inputs, read.draft.keywords
        households = (inputs.household_register or b"", inputs.household_address or b"")
        parts = [each.hex() for each in (inputs.subject, *households)]
        parts += [_named(name, keywords[name]) for name in sorted(keywords) if name not in _NO_FIGURES]
        return hmac.digest(self._key, _FACTS + "\n".join(parts).encode("utf-8"), "sha256")[:FACT_BYTES]

    def of_cells(self, cells: Sequence[str]) -> bytes:
        """Digest the cells of a row that cannot be read, but for its account, in 8 bytes."""
        stripped = [cells[place].strip() for place in self._others]
        text = "".join([f"{len(cell)}:{cell}" for cell in stripped])
        return hmac.digest(self._key, _CELLS + text.encode("utf-8"), "sha256")[:FACT_BYTES]

    def _papers(self, evidence: EvidenceFolder, label: str) -> str:
        try:
            account = self._accounts.read(label)
            return evidence.marks((label.strip(), account.number))
        except AccountInvalid:
            return ""
        except EvidenceIncomplete:
            return _INCOMPLETE


def digest_key(account_key: bytes) -> bytes:
    """Derive the key of the digests from the account key."""
    return hmac.digest(account_key, _KEY_DOMAIN, "sha256")


def seal(account_key: bytes) -> "hmac.HMAC":
    """Begin the keyed digest over all entries of a file of rows."""
    return hmac.new(digest_key(account_key), _SEAL, hashlib.sha256)


def _named(name: str, value: object) -> str:
    text = str(value)
    return name if value is None else f"{name}={len(text)}:{text}"
