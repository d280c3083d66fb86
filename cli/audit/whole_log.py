"""Read whole logs of one or several years, and hand on each entry that was proved."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import click

from auditlog.audit.entries import signed_tiles
from auditlog.audit.entry_filter import Entry, entry_of
from auditlog.audit.erasures import Erasures
from auditlog.audit.findings import Findings
from auditlog.audit.openings import OpeningAudit
from auditlog.audit.proving import Judged, Prover
from auditlog.audit.requests import KeyBook
from auditlog.audit.select import read_range
from auditlog.names import log_key, year_of_origin
from auditlog.openings import each_opening
from cli.audit.access import OpeningsAccess, open_registry, take_other_years
from cli.audit.heads import head_of, open_log
from cli.outcome import Failure
from cli.output import progress
from client.registry import RegistryClient
from client.resources import log
from crypto.tlog.frontier import Frontier
from crypto.tlog.keys import VerifierKey

OnEntry = Callable[[Entry], None]
"""Takes an entry; raises AttributeError, KeyError, TypeError or ValueError where it lacks a fact of its kind."""

BEFORE = click.option(
    "--before",
    "earlier",
    nargs=2,
    multiple=True,
    metavar="URL VKEY",
    help="An earlier year's log, the first one first.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """One year's log."""

    url: str
    key: VerifierKey

    @property
    def number(self) -> int:
        """The year."""
        return year_of_origin(self.key.name)


def years_of(earlier: Sequence[tuple[str, str]], url: str, vkey: str) -> list[Year]:
    """Return the logs in the order of their years; raises UsageError for any other order."""
    years = [Year(url=each, key=log_key(pinned)) for each, pinned in (*earlier, (url, vkey))]
    if [each.number for each in years] != sorted({each.number for each in years}):
        raise click.UsageError("--before: each earlier year once, in order, and --log-url for the last one")
    return years


class WholeLogs:
    """Reads logs to their heads, in order: a later one knows the keys of those before."""

    def __init__(self, access: OpeningsAccess, on_entry: OnEntry) -> None:
        self._access = access
        self._on_entry = on_entry
        self._book = KeyBook()
        self.findings = Findings()
        self._unproved = 0

    @contextmanager
    def read(self, year: Year) -> Iterator[RegistryClient]:
        """Read a whole log; the client stays open for questions about it."""
        with open_log(year.url) as reader, open_registry(self._access, year.url, year.number) as registry:
            checkpoint = head_of(reader, year.key, None).checkpoint
            erasures = Erasures()
            take_other_years(self._access.also, year.key, book=self._book, erasures=erasures)
            openings = OpeningAudit(
                each_opening(lambda start, limit: log.openings(registry, year.number, start, limit), 0),
                Prover(year=year.number, book=self._book, erasures=erasures),
                findings=self.findings,
                on_proved=self._take,
            )
            with progress(f"read {year.key.name}") as show:
                read_range(
                    checkpoint,
                    0,
                    reader=reader,
                    tiles=signed_tiles(checkpoint, reader, Frontier()),
                    openings=openings,
                    findings=self.findings,
                    until=None,
                    audited=0,
                    on_progress=show,
                )
            self._unproved += checkpoint.size - openings.proved
            yield registry

    def check(self) -> None:
        """Raise Failure where an entry did not hold: what was read may rest on it."""
        if self.findings.count or self._unproved:
            codes = ", ".join(sorted({each.code for each in self.findings.kept}))
            raise Failure(f"not-proved: {self._unproved} entries do not hold ({codes}), and grades may rest on them")

    def _take(self, judged: Judged) -> None:
        entry = entry_of(judged)
        try:
            self._on_entry(entry)
        except (AttributeError, KeyError, TypeError, ValueError):
            self.findings.add("core-facts", entry.index)
