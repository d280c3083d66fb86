"""Read and change the private file that names the local service's callers by digests of their tokens."""

import hashlib
import hmac
import json
import os
import re
import stat
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from gateway.errors import TokensRefused
from protocol import strict_json
from protocol.encodings import EncodingError, b64url_decode, b64url_encode
from serving.files import fingerprint, locked, write_durably

_TOKEN_BYTES: Final = 32
_PREFIX: Final = "clt_"
"""The prefix lets a scanner for leaked secrets find a token."""
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MAX_FILE: Final = 256 * 1024
_ENTRY: Final = frozenset({"name", "scopes", "sha256"})
_MALFORMED: Final = "tokens-malformed"


class Scope(StrEnum):
    """A group of routes that a token opens; each route of the local service belongs to one scope."""

    CHECK = "check"
    """Questions before an activation, and the activation itself."""
    COUNTER = "counter"
    """A subject at the counter: disputes, statements, rebuttals."""
    MONEY = "money"
    """Statements that money moved: settlements, collected payments, and all that changes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A local program with a token of its own; the token itself is never stored."""

    name: str
    scopes: frozenset[Scope]
    digest: bytes = field(repr=False)
    """SHA-256 of the token. A token has 256 random bits, so that nobody finds it from its digest."""


Callers = tuple[Caller, ...]


class TokenBook:
    """The callers of a file. A change of the file takes effect at the next request, without a restart."""

    def __init__(self, path: Path) -> None:
        """Read the file; raises TokensRefused."""
        self._path = path
        self._lock = threading.Lock()
        self._seen = fingerprint(path, follow=False)
        self._callers = read_callers(path)

    def caller_of(self, token: str) -> Caller | None:
        """Find the caller with this token; raises TokensRefused where the file has become unusable."""
        digest, found = _digest(token), None
        for each in self._current():
            # Compare with all digests, each in constant time, so that the time taken tells a caller nothing.
            if hmac.compare_digest(each.digest, digest):
                found = each
        return found

    def _current(self) -> Callers:
        with self._lock:
            # Take the file's stamp before reading it: a change in between is read again next time.
            seen = fingerprint(self._path, follow=False)
            if seen != self._seen:
                self._callers = read_callers(self._path)
                self._seen = seen
            return self._callers


def read_callers(path: Path) -> Callers:
    """Read a file of callers strictly; raises TokensRefused for a file that another user could read or has made."""
    try:
        raw = _read_private(path)
    except FileNotFoundError:
        raise TokensRefused(path, "tokens-missing", "there is none; `clearline gateway token` makes one") from None
    except OSError as trouble:
        link = path.is_symlink()
        what = "is a symbolic link" if link else f"cannot be read ({trouble.strerror})"
        raise TokensRefused(path, "tokens-symlink" if link else "tokens-unreadable", what) from None
    try:
        document = strict_json.load_object(raw, max_bytes=_MAX_FILE)
        callers = tuple(_caller(each) for each in document["tokens"])
    except strict_json.StrictJsonError as trouble:
        raise TokensRefused(path, _MALFORMED, f"is not acceptable JSON ({trouble.code.value})") from None
    except (KeyError, TypeError, ValueError):
        raise TokensRefused(path, _MALFORMED, "does not hold a list of names, scopes and digests") from None
    if document.keys() != {"tokens"} or len({each.name for each in callers}) != len(callers):
        raise TokensRefused(path, _MALFORMED, "holds something else than tokens, or a name twice")
    return callers


def add_caller(path: Path, name: str, scopes: Sequence[Scope], *, random: Callable[[int], bytes]) -> str:
    """Add a caller and return its token, which is shown this once; raises TokensRefused."""
    if _NAME.fullmatch(name) is None:
        raise TokensRefused(path, "name-malformed", "a caller's name is 1 to 64 of A-Z a-z 0-9 . _ -")
    token = _PREFIX + b64url_encode(random(_TOKEN_BYTES))
    new = Caller(name=name, scopes=frozenset(scopes), digest=_digest(token))

    def with_it(callers: Callers) -> Callers:
        if any(each.name == name for each in callers):
            raise TokensRefused(path, "name-taken", "has a caller of this name; revoke that token first")
        return *callers, new

    _change(path, with_it)
    return token


def remove_caller(path: Path, name: str) -> None:
    """Forget a caller; its token opens nothing from the next request on. Raises TokensRefused."""

    def without_it(callers: Callers) -> Callers:
        kept = tuple(each for each in callers if each.name != name)
        if len(kept) == len(callers):
            raise TokensRefused(path, "name-unknown", "has no caller of this name")
        return kept

    read_callers(path)
    _change(path, without_it)


def _change(path: Path, edit: Callable[[Callers], Callers]) -> None:
    """Replace the file whole, one command at a time: two cannot lose each other's callers."""
    with _alone(path.with_name(f"{path.name}.lock")):
        write_durably(path, _to_json(edit(read_callers(path) if path.exists() or path.is_symlink() else ())))


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    if lock.is_symlink():
        raise TokensRefused(lock, "tokens-symlink", "is a link, and none is followed here")
    with locked(lock):
        yield


def _to_json(callers: Callers) -> bytes:
    listed = [
        {"name": each.name, "scopes": sorted(each.scopes), "sha256": b64url_encode(each.digest)} for each in callers
    ]
    return json.dumps({"tokens": listed}, indent=2).encode("ascii") + b"\n"


def _caller(entry: dict[str, Any]) -> Caller:
    """Read one caller; raises KeyError, TypeError or ValueError."""
    name, scopes = entry["name"], entry["scopes"]
    if entry.keys() != _ENTRY or _NAME.fullmatch(name) is None or not isinstance(scopes, list) or not scopes:
        raise ValueError
    try:
        digest = b64url_decode(entry["sha256"], length=hashlib.sha256().digest_size)
    except EncodingError:
        raise ValueError from None
    return Caller(name=name, scopes=frozenset(Scope(each) for each in scopes), digest=digest)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _read_private(path: Path) -> bytes:
    """Read a regular file of ours that nobody else may read or write; raises OSError or TokensRefused."""
    # O_NONBLOCK: a pipe under this name must not hold the service up.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise TokensRefused(path, "tokens-not-a-file", "is not a regular file")
        if status.st_uid != os.geteuid():
            raise TokensRefused(path, "tokens-foreign", "belongs to another user than the one who runs this")
        if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise TokensRefused(path, "tokens-not-private", "is open to others than its owner; run chmod 600")
        return file.read(_MAX_FILE + 1)
