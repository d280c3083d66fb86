"""Name the reader of openings, the registry whose answers it believes, and the audits of other years."""

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
import httpx

from auditlog.audit.erasures import Erasures, add_from_other_years
from auditlog.audit.requests import KeyBook
from auditlog.audit.state import load_state
from auditlog.errors import LogRefused
from auditlog.names import year_of_origin
from cli.options import FILE, PublicKeyParam
from cli.readings import context_of, purpose_options, read_defaults
from cli.registry_calls import file_signer
from client.peer import NOT_TOLD, ReadingContext, SignedPeer
from client.registry import RegistryClient
from client.trust import trusted_for
from crypto.tlog.keys import VerifierKey

_TIMEOUT_SECONDS: Final = 120.0
_ATTEMPTS: Final = 4
_SIGNER: Final = ("key", "key_id", "registry_key", "registry_key_id")

_Command = Callable[..., Any]
_ALSO: Final = click.option(
    "--also", type=FILE, multiple=True, help="The --saved of another year's audit with --openings."
)


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
        signer = {name: given.pop(name) for name in _SIGNER}
        if openings and None in signer.values():
            raise click.UsageError("--openings needs --key, --key-id, --registry-key and --registry-key-id")
        if not openings and (also or reading != NOT_TOLD or set(signer.values()) != {None}):
            raise click.UsageError("who reads goes with --openings")
        return command(access=OpeningsAccess(**signer, reading=reading, also=also) if openings else None, **given)

    taken = _ALSO(_with_signer(purpose_options(with_access), required=False))
    return click.option("--openings", is_flag=True, help="Check also what the entries say.")(taken)


def reader_options(command: _Command) -> _Command:
    """The options of whoever reads openings, given to the command as ``access``; all keys are needed.

    An office says in its settings alone why it reads, and who: ``--purpose`` and ``--agent`` are filters here.
    """

    @functools.wraps(command)
    def with_access(*, also: tuple[Path, ...], config: Path | None, **given: Any) -> Any:
        signer = {name: given.pop(name) for name in _SIGNER}
        reading = NOT_TOLD if config is None else context_of(read_defaults(config))
        return command(access=OpeningsAccess(**signer, reading=reading, also=also), **given)

    add = click.option("--config", type=FILE, help="Your office's settings: why you read, and who ([reading]).")
    return _ALSO(_with_signer(add(with_access), required=True))


def log_options(command: _Command) -> _Command:
    """The options of a command that may read a log: without ``--log-url`` ``access`` is None, and so are the others."""
    taken = _ALSO(_with_signer(_with_log(command), required=False))
    return click.option("--log-url", "url", help="A year's log that has the inquiries of the table.")(taken)


def entry_options(command: _Command) -> _Command:
    """The options of a command that may ask for one entry of a log, as its reader; see ``log_options``."""
    taken = _with_signer(_with_log(command), required=False)
    return click.option("--log-url", "url", help="The log of the year that has the entry.")(taken)


def _with_log(command: _Command) -> _Command:
    @functools.wraps(command)
    def with_access(*, url: str | None, vkey: str | None, also: tuple[Path, ...] = (), **given: Any) -> Any:
        signer = {name: given.pop(name) for name in _SIGNER}
        named = (url, vkey, *signer.values())
        if None in named and (also or set(named) != {None}):
            raise click.UsageError("--log-url goes with --vkey, --key, --key-id, --registry-key and --registry-key-id")
        access = None if None in named else OpeningsAccess(**signer, also=also)
        return command(url=url, vkey=vkey, access=access, **given)

    return click.option("--vkey", help="The vkey of that year's log, pinned.")(with_access)


def _with_signer(command: _Command, *, required: bool) -> _Command:
    for add in (
        click.option("--registry-key-id", required=required, help="The name of that key."),
        click.option(
            "--registry-key",
            type=PublicKeyParam(),
            required=required,
            help="The registry's public key (base64url or a file).",
        ),
        click.option("--key-id", required=required, help="The name of the signing key."),
        click.option("--key", type=FILE, required=required, help="The signing key (PEM) of whoever reads."),
    ):
        command = add(command)
    return command


def take_other_years(also: tuple[Path, ...], key: VerifierKey, *, book: KeyBook, erasures: Erasures) -> None:
    """Add the keys that other years' logs told of, and their entries that name erasures of this year."""
    for path in also:
        other = load_state(path)
        if other is None or not other.with_openings or other.origin.rpartition("/")[0] != key.name.rpartition("/")[0]:
            raise LogRefused("state-foreign", f"{path}: is no audit of this log's openings in another year")
        add_from_other_years(erasures, [other.erasures], year_of_origin(key.name))
        for name, known in other.book.keys.items():
            book.keys.setdefault(name, known)


@contextmanager
def open_registry(access: OpeningsAccess, url: str, year: int) -> Iterator[RegistryClient]:
    """Open the registry's client for the reader of a year's openings, whose log lies below ``url``."""
    base = url.rstrip("/").removesuffix(f"/log/{year:04d}")
    if base == url.rstrip("/"):
        raise click.UsageError("openings are the registry's: --log-url has to end in /log/<year>")
    signer = file_signer(access.key, access.key_id)
    with httpx.Client(verify=trusted_for(base), timeout=_TIMEOUT_SECONDS, trust_env=False) as http:
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
