"""A declared restore begins a new incarnation of the database; the registry compares itself with it."""

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
    """A declared restore; ``heads`` are digests of the published checkpoints that were known by then."""

    number: int
    began_at: dt.datetime
    heads: bytes
    log_entry_id: uuid.UUID

    def knew(self, year: int, note: bytes) -> bool:
        """Tell whether this checkpoint of a year was known when the restore was declared."""
        known: object = json.loads(self.heads).get(str(year))
        return known == _digest(note)


def digests_of(heads: Mapping[int, bytes]) -> bytes:
    """Write the published checkpoints of that moment in the form that an incarnation stores."""
    return canonical_json({str(year): _digest(note) for year, note in heads.items()})


def _digest(note: bytes) -> str:
    return hashlib.sha256(note).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """The facts outside the database: the largest incarnation (None: unknown), and the checkpoints by year."""

    incarnation: int | None = None
    heads: Mapping[int, bytes] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The registry's judgement of its database: ``undeclared`` is the code of an undeclared restore.

    ``refused`` holds, by year, the reason for which a log takes no entries of this database: they get no promise.
    """

    incarnation: int = FIRST
    undeclared: LogFaultCode | None = None
    refused: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
