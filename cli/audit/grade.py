"""`clearline audit grade`: computes the grades of inquiries again, from entries that were proved."""

from collections import Counter
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import click

from auditlog.audit.grades import FAULTS, GradeAudit, GradeCheck, Outcome
from cli.audit.access import OpeningsAccess, reader_options
from cli.audit.heads import LOG_KEY, LOG_URL
from cli.audit.whole_log import BEFORE, WholeLogs, Year, years_of
from cli.options import json_option
from cli.outcome import Failure
from cli.output import say, tell
from client.errors import RegistryRefused
from client.registry import RegistryClient
from client.resources.rules import read_version
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


@click.command("grade", short_help="Compute the grades of inquiries again.")
@click.argument("inquiry", type=click.UUID, required=False)
@click.option("--all", "all_of_them", is_flag=True, help="Every inquiry and further check of the year.")
@BEFORE
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
    years = years_of(earlier, url, vkey)
    audit = GradeAudit(only=inquiry)
    logs = WholeLogs(access, audit.take)
    for year in years[:-1]:
        with logs.read(year):
            audit.forget_inquiries()
    with logs.read(years[-1]) as registry:
        checks = list(audit.checks(lambda version: _rules_of(registry, version, audit.approved.get(version))))
    if inquiry is not None and not checks and not logs.findings.count:
        raise Failure(f"entry-unknown: {inquiry}: the log of {years[-1].number} has no such inquiry")
    _tell(logs, years[-1], checks, is_one=inquiry is not None, as_json=as_json)


def _rules_of(registry: RegistryClient, version: str, digest: str | None) -> Rules | None:
    """Ask for a version of the rules, and compare it with the digest that the log approved."""
    try:
        rules = read_version(registry, version).rules
    except RegistryRefused as refused:
        if refused.problem != Problem.NOT_FOUND.value.name:
            raise
        return None
    return rules if sha256(canonical_json(write(rules))).hexdigest() == digest else None


def _tell(logs: WholeLogs, year: Year, checks: list[GradeCheck], *, is_one: bool, as_json: bool) -> None:
    faults = [each for each in checks if each.outcome in FAULTS]
    counted = Counter(each.outcome.value for each in checks)
    told: dict[str, Any] = {"log": year.key.name, "inquiries": len(checks), "outcomes": dict(sorted(counted.items()))}
    if is_one:
        told |= _written(checks[0]) if checks else {}
    elif faults:
        told["found"] = [_written(each) for each in faults[:_SHOWN]]
    told["findings"] = logs.findings.count
    tell(told, as_json=as_json)
    for outcome in sorted({each.outcome for each in checks}):
        say(f"{outcome.value}: {_SENTENCES[outcome]}")
    logs.check()
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
