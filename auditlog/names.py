"""Name a log: its name, the origin and key of each year, and the year that an entry belongs to."""

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from auditlog.errors import LogRefused
from crypto.errors import TlogRefused
from crypto.tlog.keys import SignatureKind, VerifierKey, parse_vkey

_MILLISECONDS_SHIFT: Final = 80
_UUID_VERSION: Final = 7
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_YEAR: Final = re.compile(r"[0-9]{4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogName:
    """A log over all its years: one name and one pinned key (Ed25519, 32 bytes)."""

    name: str
    public_key: bytes

    def key(self, year: int) -> VerifierKey:
        """The verifier key of a year's log; its name is the origin."""
        return VerifierKey(name=f"{self.name}/{year:04d}", kind=SignatureKind.NOTE, public_key=self.public_key)


@contextmanager
def refusing(what: str) -> Iterator[None]:
    """Turn a refusal of the mathematics into LogRefused that names the part of the log."""
    try:
        yield
    except TlogRefused as refused:
        raise LogRefused(refused.code, f"{what}: {refused}") from None


def log_key(vkey: str) -> VerifierKey:
    """Parse the public vkey of a year's log."""
    with refusing("the log's key"):
        key = parse_vkey(vkey)
    if key.kind is not SignatureKind.NOTE or _YEAR.fullmatch(key.name.rpartition("/")[2]) is None:
        raise LogRefused("key-foreign", "the key is not that of a year's log")
    return key


def year_of_origin(origin: str) -> int:
    """The year at the end of an origin that `log_key` accepted."""
    return int(origin.rpartition("/")[2])


def moment_of(entry_id: UUID) -> dt.datetime:
    """Return the time of a UUIDv7, to the millisecond; raises LogRefused ``id-foreign`` for any other id."""
    if entry_id.version != _UUID_VERSION:
        raise LogRefused("id-foreign", "an entry's id is a UUIDv7")
    try:
        return _EPOCH + dt.timedelta(milliseconds=entry_id.int >> _MILLISECONDS_SHIFT)
    except OverflowError:  # 48 bits of milliseconds go on to the year 10889, and calendars end with 9999
        raise LogRefused("id-foreign", "an entry's id is of no possible year") from None


def year_of(entry_id: UUID) -> int:
    """Return the UTC year of an entry, which names its log."""
    return moment_of(entry_id).year
