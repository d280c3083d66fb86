"""Run `clearline audit verify`: choose its start, read the openings, and print the findings."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from auditlog.audit.entries import STRETCH, audit
from auditlog.audit.findings import Findings
from auditlog.audit.openings import OpeningAudit
from auditlog.audit.proving import Prover
from auditlog.audit.state import AuditState, load_state, save_state
from auditlog.errors import LogRefused
from auditlog.names import year_of_origin
from auditlog.openings import each_opening
from auditlog.reader import LogReader
from cli.audit.access import OpeningsAccess, open_registry, take_other_years
from cli.outcome import Failure
from cli.output import OnProgress
from client.resources import log
from crypto.tlog.checkpoint import Checkpoint
from crypto.tlog.keys import VerifierKey

_SHOWN: Final = 20


def run_audit(
    checkpoint: Checkpoint,
    *,
    reader: LogReader,
    key: VerifierKey,
    url: str,
    path: Path | None,
    since_saved: bool,
    access: OpeningsAccess | None,
    on_progress: OnProgress,
    stretch: int = STRETCH,
) -> tuple[dict[str, Any], int]:
    """Audit up to a verified head; returns the result to print, and the number of findings."""
    state = _start(path, key, since_saved=since_saved, with_openings=access is not None)
    findings = Findings()

    def save(reached: AuditState) -> None:
        if path is not None:
            save_state(path, reached)

    with _openings(access, url, key, state, findings) as checks:
        done = audit(
            checkpoint,
            reader=reader,
            state=state,
            openings=checks,
            findings=findings,
            save=save,
            on_progress=on_progress,
            stretch=stretch,
        )
    told: dict[str, Any] = {
        "log": key.name,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "from": done.start,
        "entries": checkpoint.size - done.start,
        "openings": done.openings,
    }
    if access is not None:
        told |= {"erasures": "not compared" if done.compared is None else "compared"}
        told |= {"erased_elsewhere": done.compared.elsewhere if done.compared else 0}
        told |= {"erasures_later": done.compared.later if done.compared else 0}
    told["findings"] = findings.count
    if findings.count:
        told["found"] = [{"code": each.code, "index": each.index} for each in findings.kept[:_SHOWN]]
    return told, findings.count


def _start(path: Path | None, key: VerifierKey, *, since_saved: bool, with_openings: bool) -> AuditState:
    """Return the start of the audit: the first entry, unless an audit was interrupted or only new ones are due."""
    fresh = AuditState(origin=key.name, with_openings=with_openings)
    saved = None if path is None else load_state(path)
    if saved is None:
        return fresh
    if saved.origin != key.name:
        raise LogRefused("state-foreign", f"{path}: is the state of another log's audit")
    if since_saved:
        if with_openings and not saved.with_openings:
            raise Failure(f"{path}: the saved audit was one without openings; leave --since-saved out")
        return replace(saved, with_openings=with_openings)
    return fresh if saved.is_whole or saved.with_openings != with_openings else saved


@contextmanager
def _openings(
    access: OpeningsAccess | None, url: str, key: VerifierKey, state: AuditState, findings: Findings
) -> Iterator[OpeningAudit | None]:
    if access is None:
        yield None
        return
    year = year_of_origin(key.name)
    take_other_years(access.also, key, book=state.book, erasures=state.erasures)
    with open_registry(access, url, year) as registry:
        stream = each_opening(
            lambda start, limit: log.openings(registry, year, start, limit),
            state.frontier.size,
        )
        prover = Prover(year=year, book=state.book, erasures=state.erasures)
        yield OpeningAudit(stream, prover, findings=findings)
