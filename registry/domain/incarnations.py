"""A restore that was declared, and how the registry stands to its database."""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from protocol.encodings import canonical_json
from protocol.incarnation import FIRST
from registry.domain.log_faults import LogFaultCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Incarnation:
    """A restore that somebody declared; ``heads`` are digests of the published heads that were known by then."""

    number: int
    began_at: dt.datetime
    heads: bytes
    log_entry_id: uuid.UUID

    def knew(self, year: int, note: bytes) -> bool:
        """Whether this very head of a year was known when the restore was declared."""
        known: object = json.loads(self.heads).get(str(year))
        return known == _digest(note)


def digests_of(heads: Mapping[int, bytes]) -> bytes:
    """The form in which an incarnation keeps the published heads of that moment."""
    return canonical_json({str(year): _digest(note) for year, note in heads.items()})


def _digest(note: bytes) -> str:
    return hashlib.sha256(note).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What is remembered outside the database: the largest incarnation (None: unknown), and the heads by year."""

    incarnation: int | None = None
    heads: Mapping[int, bytes] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the registry stands to its database: ``undeclared`` is the code by which an undeclared restore shows.

    ``refused`` holds, by year, why a log takes no entries of this database: no receipt of these can be promised.
    """

    incarnation: int = FIRST
    undeclared: LogFaultCode | None = None
    refused: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
