"""Reports the sample's exports and checks its applicants through the gateways; writes results in input order."""

import csv
import io
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from cli.demo.ceremony import Parties
from cli.demo.plan import CARRIERS, Plan, Sample
from cli.outcome import Failure
from cli.output import progress
from gateway import settings
from gateway.bulk.check import MALFORMED_ROW, CheckSummary
from gateway.bulk.decision_rows import HEADER, DecidedRow
from gateway.bulk.export import Export
from gateway.bulk.mapping import Layout, load
from gateway.bulk.report import ReportSummary
from gateway.wiring import build
from protocol.table_cells import plain_cell
from serving.files import begin_file, make_folder, write_whole

DECISIONS = "decisions.csv"
_UNKNOWN_CARRIER = "UNKNOWN_CARRIER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The results of the exports and of the applicants, by carrier."""

    reports: dict[str, ReportSummary]
    checks: dict[str, CheckSummary]


def results_name(carrier: str) -> str:
    """Name the file with a carrier's verdicts."""
    return f"results-{carrier}.csv"


def look_over(sample: Sample) -> None:
    """Read every file once to its end; raises FileBroken or MappingError before anything was started or sent."""
    for carrier in CARRIERS:
        Export(sample.export(carrier), load(sample.mapping(carrier), Layout.ARREARS)).check()
    mapping = load(sample.mapping("applicants"), Layout.APPLICANTS)
    if "carrier" not in mapping.columns:
        raise Failure(f"{mapping.path}: columns.carrier is missing: who asks for which applicant?")
    Export(sample.applicants, mapping).check()


def report_exports(plan: Plan, parties: Parties) -> dict[str, ReportSummary]:
    """Report the three exports, one carrier after the other, each through its own gateway."""
    reports = {}
    for carrier in CARRIERS:
        here = settings.load(parties.carriers[carrier], {})
        with build(here) as gateway, progress(f"{carrier}: report") as show:
            reports[carrier] = gateway.report_file(
                source=plan.sample.export(carrier),
                mapping=plan.sample.mapping(carrier),
                output=plan.work / results_name(carrier),
                on_progress=show,
            )
        _publish_verdicts(plan, results_name(carrier))
    return reports


def check_applicants(plan: Plan, parties: Parties) -> dict[str, CheckSummary]:
    """Check each carrier's applicants in batches, then write all decisions in the order of the input."""
    checks = {}
    for carrier in CARRIERS:
        here = settings.load(parties.carriers[carrier], {})
        with build(here) as gateway, progress(f"{carrier}: check applicants") as show:
            checks[carrier] = gateway.check_file(
                source=plan.sample.applicants,
                mapping=plan.sample.mapping("applicants"),
                output=plan.work / f"decisions-{carrier}.csv",
                only_carrier=carrier,
                on_progress=show,
            )
    _merge(plan)
    _publish(plan, DECISIONS)
    return checks


def _merge(plan: Plan) -> None:
    """Merge the carriers' decisions, each in input order already: take for each row the next one of its carrier."""
    with ExitStack() as stack:
        decided = {
            carrier: _rows(stack.enter_context((plan.work / f"decisions-{carrier}.csv").open(encoding="utf-8")))
            for carrier in CARRIERS
        }
        file = stack.enter_context(io.TextIOWrapper(begin_file(plan.work / DECISIONS), encoding="utf-8", newline=""))
        merged = csv.writer(file, lineterminator="\n")
        merged.writerow(HEADER)
        for label, carrier in _applicants(plan.sample):
            unknown = DecidedRow(order=plain_cell(label), decision=MALFORMED_ROW, reasons=(_UNKNOWN_CARRIER,))
            merged.writerow(next(decided[carrier]) if carrier in decided else unknown.cells())


def _rows(file: Iterator[str]) -> Iterator[list[str]]:
    rows = csv.reader(file)
    next(rows)  # the header
    return rows


def _applicants(sample: Sample) -> Iterator[tuple[str, str]]:
    """Yield the order number and the carrier of each row."""
    export = Export(sample.applicants, load(sample.mapping("applicants"), Layout.APPLICANTS))
    checked = export.check()
    place = checked.positions["carrier"]
    for row in export.rows(checked):
        yield row.label, "" if row.cells is None else row.cells[place].strip()


def _publish_verdicts(plan: Plan, name: str) -> None:
    """Publish each row's verdict; the record ids stay with the gateway, which needs them later."""
    text = io.StringIO(newline="")
    with (plan.work / name).open(encoding="utf-8", newline="") as file:
        csv.writer(text, lineterminator="\n").writerows(row[:2] for row in csv.reader(file))
    _put(plan, name, text.getvalue().encode())


def _publish(plan: Plan, name: str) -> None:
    """Put a finished file into the output folder."""
    _put(plan, name, (plan.work / name).read_bytes())


def _put(plan: Plan, name: str, content: bytes) -> None:
    """Write a file of the output folder, whole or not at all."""
    make_folder(plan.out)
    write_whole(plan.out / name, content)
