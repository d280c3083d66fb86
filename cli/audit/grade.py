"""`clearline audit grade`: computes the grades of inquiries again, from entries that were proved."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import click

from auditlog.audit.entries import signed_tiles
from auditlog.audit.entry_filter import entry_of
from auditlog.audit.erasures import Erasures
from auditlog.audit.findings import Findings
from auditlog.audit.grades import FAULTS, GradeAudit, GradeCheck, Outcome
from auditlog.audit.openings import OpeningAudit
from auditlog.audit.proving import Judged, Prover
from auditlog.audit.requests import KeyBook
from auditlog.audit.select import read_range
from auditlog.names import log_key, year_of_origin
from auditlog.openings import each_opening
from cli.audit.access import OpeningsAccess, open_registry, reader_options, take_other_years
from cli.audit.heads import LOG_KEY, LOG_URL, head_of, open_log
from cli.options import json_option
from cli.outcome import Failure
from cli.output import progress, say, tell
from client.errors import RegistryRefused
from client.registry import RegistryClient
from client.resources import log
from client.resources.rules import read_version
from crypto.tlog.frontier import Frontier
from crypto.tlog.keys import VerifierKey
from protocol.encodings import canonical_json
from protocol.messages.rules import Rules
from protocol.problems import Problem
from protocol.wire.codec import write

_SHOWN: Final = 20
_SENTENCES: Final = {
    Outcome.HOLDS: "the letter follows from its inputs, and these from the person's other entries",
    Outcome.NOT_GRADED: "this inquiry read no grade",
    Outcome.ERASED: "the personal part was erased by age or by right: nothing is left to compute",
    Outcome.WITHDRAWN: "the letter follows from its inputs; an attestation of that day was erased with its consent",
    Outcome.NOT_TOLD: "the letter follows from its inputs; entries do not tell enough to rebuild these",
    Outcome.RULES_UNPROVED: "the log approved no such rules, or the registry shows others, or they grade nobody",
    Outcome.TEXT_MALFORMED: "the text of inputs and letter is malformed",
    Outcome.LETTER_DIFFERS: "the letter does not follow from its inputs under the rules that the entry names",
    Outcome.INPUTS_DIFFER: "the inputs are not those that the person's other entries tell",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """One year's log."""

    url: str
    key: VerifierKey

    @property
    def number(self) -> int:
        """The year."""
        return year_of_origin(self.key.name)


@dataclass(slots=True, kw_only=True)
class _Run:
    """Collects what all years tell."""

    access: OpeningsAccess
    audit: GradeAudit
    book: KeyBook = field(default_factory=KeyBook)
    findings: Findings = field(default_factory=Findings)
    unproved: int = 0

    def take(self, judged: Judged) -> None:
        entry = entry_of(judged)
        try:
            self.audit.take(entry)
        except (AttributeError, KeyError, TypeError, ValueError):
            self.findings.add("core-facts", entry.index)

    @contextmanager
    def read(self, year: Year) -> Iterator[RegistryClient]:
        """Read a whole log; the client stays open for questions about it."""
        with open_log(year.url) as reader, open_registry(self.access, year.url, year.number) as registry:
            checkpoint = head_of(reader, year.key, None).checkpoint
            erasures = Erasures()
            take_other_years(self.access.also, year.key, book=self.book, erasures=erasures)
            openings = OpeningAudit(
                each_opening(lambda start, limit: log.openings(registry, year.number, start, limit), 0),
                Prover(year=year.number, book=self.book, erasures=erasures),
                findings=self.findings,
                on_proved=self.take,
            )
            with progress(f"grade {year.key.name}") as show:
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
            self.unproved += checkpoint.size - openings.proved
            yield registry

    def rules_of(self, registry: RegistryClient, version: str) -> Rules | None:
        """Ask for a version of the rules, and compare it with the digest that the log approved."""
        try:
            rules = read_version(registry, version).rules
        except RegistryRefused as refused:
            if refused.problem != Problem.NOT_FOUND.value.name:
                raise
            return None
        return rules if sha256(canonical_json(write(rules))).hexdigest() == self.audit.approved.get(version) else None


@click.command("grade", short_help="Compute the grades of inquiries again.")
@click.argument("inquiry", type=click.UUID, required=False)
@click.option("--all", "all_of_them", is_flag=True, help="Every inquiry and further check of the year.")
@click.option(
    "--before",
    "earlier",
    nargs=2,
    multiple=True,
    metavar="URL VKEY",
    help="An earlier year's log, the first one first.",
)
@LOG_URL
@LOG_KEY
@json_option
@reader_options
def grade(
    inquiry: UUID | None,
    *,
    all_of_them: bool,
    earlier: tuple[tuple[str, str], ...],
    url: str,
    vkey: str,
    access: OpeningsAccess,
    as_json: bool,
) -> None:
    """Compute the grade of an inquiry, or of all, again. Exit 1 if one differs.

    The letter is compared with its inputs, under the rules that the entry names and the log approved; and the inputs
    with all that other entries about the person tell of debts, payments, plans and attestations. Every entry is proved
    first, as by `audit entries`. A person's earlier debts may stand in an earlier year's log (--before).

    \b
    Exit 0, with a sentence, where nothing can be compared any more: the entry was
    erased, an attestation was withdrawn since, or entries of an earlier release
    do not tell the day of a payment or of a listing.

    \b
    Examples (... are --log-url, --vkey and the options of the two keys):
      clearline audit grade 01a225b9-cdfb-7335-90f5-d68f3071dc19 ...
      clearline audit grade --all ... --before https://registry.example/log/2026 VKEY_OF_2026
    """
    if (inquiry is None) != all_of_them:
        raise click.UsageError("either an inquiry's id or --all")
    years = [Year(url=each, key=log_key(pinned)) for each, pinned in (*earlier, (url, vkey))]
    if [each.number for each in years] != sorted({each.number for each in years}):
        raise click.UsageError("--before: each earlier year once, in order, and --log-url for the last one")
    run = _Run(access=access, audit=GradeAudit(only=inquiry))
    for year in years[:-1]:
        with run.read(year):
            run.audit.forget_inquiries()
    with run.read(years[-1]) as registry:
        checks = list(run.audit.checks(lambda version: run.rules_of(registry, version)))
    if inquiry is not None and not checks and not run.findings.count:
        raise Failure(f"entry-unknown: {inquiry}: the log of {years[-1].number} has no such inquiry")
    _tell(run, years[-1], checks, is_one=inquiry is not None, as_json=as_json)


def _tell(run: _Run, year: Year, checks: list[GradeCheck], *, is_one: bool, as_json: bool) -> None:
    faults = [each for each in checks if each.outcome in FAULTS]
    counted = Counter(each.outcome.value for each in checks)
    told: dict[str, Any] = {"log": year.key.name, "inquiries": len(checks), "outcomes": dict(sorted(counted.items()))}
    if is_one:
        told |= _written(checks[0]) if checks else {}
    elif faults:
        told["found"] = [_written(each) for each in faults[:_SHOWN]]
    told["findings"] = run.findings.count
    tell(told, as_json=as_json)
    for outcome in sorted({each.outcome for each in checks}):
        say(f"{outcome.value}: {_SENTENCES[outcome]}")
    if run.findings.count or run.unproved:
        codes = ", ".join(sorted({each.code for each in run.findings.kept}))
        raise Failure(f"not-proved: {run.unproved} entries do not hold ({codes}), and grades may rest on them")
    if faults:
        hint = "" if len(faults) < len(checks) else "; debts of an earlier year need its log (--before)"
        raise Failure(f"{faults[0].outcome.value}: {len(faults)} of {len(checks)} grades do not hold{hint}")


def _written(check: GradeCheck) -> dict[str, Any]:
    document: dict[str, Any] = {
        "inquiry": str(check.entry_id),
        "index": check.index,
        "rules": check.rules,
        "outcome": check.outcome.value,
    }
    document |= {} if check.told is None else {"told": check.told}
    document |= {} if check.rebuilt is None else {"rebuilt": check.rebuilt}
    return document | ({"gaps": sorted(check.gaps)} if check.gaps else {})
