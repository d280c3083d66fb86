"""Erasures as an audit sees them: what each says it took, and which entries say that they lost their personal part."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from gateway.errors import LogRefused
from gateway.log.findings import Findings
from gateway.log.names import moment_of
from protocol.log_entries import erasure_digest

_LATER: Final = dt.timedelta(minutes=1)
"""Entries get their places within seconds, but not in the order of their ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What an entry of the kind ``erasure`` says."""

    index: int
    count: int
    digest: str


@dataclass(slots=True)
class _Named:
    first: int
    erased: list[UUID] = field(default_factory=list)


class Erasures:
    """Every erasure that was told, and every one that was named; they have to agree."""

    def __init__(self) -> None:
        self.told: dict[UUID, Erasure] = {}
        self.named: dict[UUID, _Named] = {}
        self._newest: dt.datetime | None = None

    def seen(self, entry_id: UUID) -> dt.datetime:
        """An entry of the log; returns the newest moment of any so far."""
        moment = moment_of(entry_id)
        self._newest = moment if self._newest is None else max(moment, self._newest)
        return self._newest

    def tell(self, entry_id: UUID, erasure: Erasure) -> None:
        """An entry of the kind ``erasure``."""
        self.told[entry_id] = erasure

    def name(self, erased_by: UUID, entry_id: UUID, index: int) -> None:
        """An entry whose personal part is gone, and what it says took it."""
        self.named.setdefault(erased_by, _Named(index)).erased.append(entry_id)

    def check(self, year: int, findings: Findings) -> int:
        """Compare; returns how many entries name an erasure of another year, or of after the audited head."""
        unseen = 0
        for erased_by, named in self.named.items():
            if erased_by in self.told:
                continue
            if self._is_elsewhere(erased_by, year):
                unseen += len(named.erased)
            else:
                findings.add("erasure-unknown", named.first)
        for entry_id, erasure in self.told.items():
            erased = self.named[entry_id].erased if entry_id in self.named else []
            if len(erased) < erasure.count:
                findings.add("erasure-short", erasure.index)
            elif (len(erased), erasure_digest(erased).hex()) != (erasure.count, erasure.digest):
                findings.add("erasure-mismatch", erasure.index)
        return unseen

    def _is_elsewhere(self, erased_by: UUID, year: int) -> bool:
        moment = moment_of(erased_by)
        return moment.year != year or (self._newest is not None and moment > self._newest - _LATER)

    def to_document(self) -> dict[str, Any]:
        """For the state file."""
        return {
            "told": {str(each): [one.index, one.count, one.digest] for each, one in self.told.items()},
            "named": {str(each): [one.first, *map(str, one.erased)] for each, one in self.named.items()},
            "newest": "" if self._newest is None else self._newest.isoformat(),
        }


def read_erasures(document: Mapping[str, Any]) -> Erasures:
    """The inverse of `Erasures.to_document`."""
    read = Erasures()
    for each, (index, count, digest) in document["told"].items():
        read.tell(UUID(each), Erasure(index=index, count=count, digest=digest))
    for each, (first, *erased) in document["named"].items():
        read.named[UUID(each)] = _Named(first, [UUID(one) for one in erased])
    if document["newest"]:
        read._newest = dt.datetime.fromisoformat(document["newest"])  # noqa: SLF001 (its own constructor)
    return read


def add_from_other_years(erasures: Erasures, others: Iterable[Erasures], year: int) -> None:
    """What entries of other years say that this year's erasures took."""
    for other in others:
        for erased_by, named in other.named.items():
            if moment_of(erased_by).year == year:
                for each in named.erased:
                    if moment_of(each).year == year:
                        raise LogRefused("state-foreign", "another year's audit is one of this year")
                    erasures.name(erased_by, each, 0)
