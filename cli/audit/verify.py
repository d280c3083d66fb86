"""Run `clearline audit verify`: choose its start, read the openings, and print the findings."""

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import click
import httpx

from auditlog.audit.entries import STRETCH, audit
from auditlog.audit.erasures import add_from_other_years
from auditlog.audit.findings import Findings
from auditlog.audit.openings import OpeningAudit
from auditlog.audit.proving import Prover
from auditlog.audit.state import AuditState, load_state, save_state
from auditlog.errors import LogRefused
from auditlog.names import year_of_origin
from auditlog.openings import each_opening
from auditlog.reader import LogReader
from cli.options import FILE, PublicKeyParam
from cli.outcome import Failure
from cli.output import OnProgress
from cli.readings import purpose_options
from cli.registry_calls import file_signer
from client.peer import NOT_TOLD, ReadingContext, SignedPeer
from client.registry import RegistryClient
from client.resources import log
from crypto.tlog.checkpoint import Checkpoint
from crypto.tlog.keys import VerifierKey

_TIMEOUT_SECONDS: Final = 120.0
_ATTEMPTS: Final = 4
_SHOWN: Final = 20

_Command = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningsAccess:
    """The reader of the openings, the registry whose answers it believes, and the audits of other years."""

    key: Path
    key_id: str
    registry_key: bytes
    registry_key_id: str
    reading: ReadingContext = NOT_TOLD
    also: tuple[Path, ...] = ()


def openings_options(command: _Command) -> _Command:
    """``--openings`` and what goes with it, given to the command as ``access``."""

    @functools.wraps(command)
    def with_access(*, openings: bool, also: tuple[Path, ...], reading: ReadingContext, **given: Any) -> Any:
        names = ("key", "key_id", "registry_key", "registry_key_id")
        signer = {name: given.pop(name) for name in names}
        if openings and None in signer.values():
            raise click.UsageError("--openings needs --key, --key-id, --registry-key and --registry-key-id")
        if not openings and (also or reading != NOT_TOLD or set(signer.values()) != {None}):
            raise click.UsageError("who reads goes with --openings")
        return command(access=OpeningsAccess(**signer, reading=reading, also=also) if openings else None, **given)

    taken = purpose_options(with_access)
    for add in (
        click.option("--also", type=FILE, multiple=True, help="The --saved of another year's audit with --openings."),
        click.option("--registry-key-id", help="The name of that key."),
        click.option("--registry-key", type=PublicKeyParam(), help="The registry's public key (base64url or a file)."),
        click.option("--key-id", help="The name of the signing key."),
        click.option("--key", type=FILE, help="The signing key (PEM) of an auditor or a regulator."),
        click.option("--openings", is_flag=True, help="Check also what the entries say."),
    ):
        taken = add(taken)
    return taken


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
    for path in access.also:
        other = load_state(path)
        if other is None or not other.with_openings or other.origin.rpartition("/")[0] != key.name.rpartition("/")[0]:
            raise LogRefused("state-foreign", f"{path}: is no audit of this log's openings in another year")
        add_from_other_years(state.erasures, [other.erasures], year)
        for name, known in other.book.keys.items():
            state.book.keys.setdefault(name, known)
    with _registry(access, url, year) as registry:
        stream = each_opening(
            lambda start, limit: log.openings(registry, year, start, limit),
            state.frontier.size,
        )
        yield OpeningAudit(stream, Prover(year=year, book=state.book, erasures=state.erasures), findings=findings)


@contextmanager
def _registry(access: OpeningsAccess, url: str, year: int) -> Iterator[RegistryClient]:
    base = url.rstrip("/").removesuffix(f"/log/{year:04d}")
    if base == url.rstrip("/"):
        raise click.UsageError("--openings are the registry's: --log-url has to end in /log/<year>")
    signer = file_signer(access.key, access.key_id)
    with httpx.Client(timeout=_TIMEOUT_SECONDS, trust_env=False) as http:
        yield RegistryClient(
            SignedPeer(base, http, signer),
            signer,
            key_id=access.registry_key_id,
            public_key=access.registry_key,
            attempts=_ATTEMPTS,
            monotonic=time.monotonic,
            sleep=time.sleep,
            reading=access.reading,
        )
