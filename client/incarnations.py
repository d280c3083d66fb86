"""Remember the newest incarnation of the registry: a number that each restore from a backup raises, and none lowers.

A signed answer names it. Its rise says that acts acknowledged after the backup may be missing; its fall says that
an older registry answers, or another one, and nothing of that answer is used. The file is written at the first rise
only, so that a gateway whose registry was never restored keeps none.
"""

import datetime as dt
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from client.errors import IncarnationChanged, IncarnationWentBack, RegistryAnswerBroken, SeenBroken
from protocol import strict_json
from protocol.encodings import b64url_encode, canonical_json, format_time, parse_moment
from protocol.incarnation import FIRST, MOST, read_incarnation
from serving.files import locked, read_bounded, write_durably

RESTORED: Final = (
    "run each unfinished or recent `report` and `withdraw-report` again, which doubles nothing, and repeat the "
    "settlements, disputes and confirmations of the days that the registry's operator names"
)
"""The hint to a clerk after a restore."""
_LATELY: Final = dt.timedelta(days=30)
_VERSION: Final = 1
_MAX_BYTES: Final = 4096
_log = logging.getLogger("clearline.gateway")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The newest incarnation that a carrier saw, and when it first saw it (None: it always was that)."""

    number: int = FIRST
    since: dt.datetime | None = None


class SeenBook:
    """The file beside the settings with the newest incarnation that this carrier saw of one registry."""

    def __init__(self, path: Path, registry_key: bytes, clock: Callable[[], dt.datetime]) -> None:
        self.clock: Final = clock
        self._path = path
        self._registry = b64url_encode(registry_key)

    def read(self) -> Seen:
        """Read the kept incarnation; the first one where nothing is kept of this registry. Raises SeenBroken."""
        raw = read_bounded(self._path, _MAX_BYTES)
        if raw is None:
            return Seen()
        try:
            document = strict_json.load_object(raw, max_bytes=_MAX_BYTES)
            seen = _seen(document)
        except (strict_json.StrictJsonError, KeyError, TypeError, ValueError):
            what = "seen-malformed: does not say which incarnation was seen; remove it if it is not of this registry"
            raise SeenBroken(f"{self._path}: {what}") from None
        return seen if document["registry_key"] == self._registry else Seen()

    def raise_to(self, number: int) -> Seen:
        """Keep a newer number durably; returns the number kept then, which another process may have written."""
        with locked(self._path.with_name(f".{self._path.name}.lock")):
            kept = self.read()
            if number <= kept.number:
                return kept
            since = self.clock()
            document = {
                "v": _VERSION,
                "registry_key": self._registry,
                "incarnation": number,
                "since": format_time(since),
            }
            write_durably(self._path, canonical_json(document) + b"\n")
            return Seen(number=number, since=since)


class Incarnations:
    """The newest incarnation that one client saw; thread-safe. Without a book it forgets with the process."""

    def __init__(self, book: SeenBook | None = None) -> None:
        self._book = book
        self._seen: Seen | None = None
        self._is_named = False
        self._lock = threading.Lock()

    @property
    def newest(self) -> int:
        """The number of the last signed answer; before one came, the kept number, or the first."""
        with self._lock:
            return self._known().number

    @property
    def is_named(self) -> bool:
        """Tell whether the registry has named one: an older registry does not, and counts as the first."""
        with self._lock:
            return self._is_named

    @property
    def hint(self) -> str | None:
        """Word a hint about a missing resource, within some weeks of a restore."""
        with self._lock:
            seen = self._known()
        if self._book is None or seen.since is None or self._book.clock() - seen.since > _LATELY:
            return None
        return f"it was restored from a backup (incarnation {seen.number}): what it had after that has to be sent again"

    def see(self, header: str | None) -> None:
        """Take the number of a verified answer; raises IncarnationWentBack for one below the newest."""
        number = _read(header)
        with self._lock:
            self._is_named = header is not None
            known = self._known()
            if number > known.number:
                known = self._seen = self._rise(number)
            if number < known.number:
                raise IncarnationWentBack(known.number, number)

    def _known(self) -> Seen:
        if self._seen is None:
            self._seen = Seen() if self._book is None else self._kept(self._book)
        return self._seen

    def _kept(self, book: SeenBook) -> Seen:
        try:
            return book.read()
        except OSError as trouble:
            # The file may be another user's, say: raise an alarm for a person, and go on serving.
            _log.error("seen-not-kept: what was seen before cannot be read (%s)", trouble.strerror)
            return Seen()

    def _rise(self, number: int) -> Seen:
        if self._book is None:
            return Seen(number=number)
        _log.warning("registry-restored: the registry was restored (incarnation %d): %s", number, RESTORED)
        try:
            return self._book.raise_to(number)
        except OSError as trouble:
            # The number still holds within this process; each file of progress keeps its own.
            _log.error("seen-not-kept: incarnation %d cannot be kept (%s)", number, trouble.strerror)
            return Seen(number=number, since=self._book.clock())


class _Remembering(Protocol):
    @property
    def incarnations(self) -> Incarnations: ...


class Steady:
    """One act of several calls that has to meet one registry: a restore in between ends it."""

    def __init__(self, registry: _Remembering, begun_under: int | None = None) -> None:
        self._registry = registry
        self._begun_under = begun_under

    def check(self) -> None:
        """Raise IncarnationChanged where the last answer is of another incarnation than the first one here."""
        now = self._registry.incarnations.newest
        if self._begun_under is None:
            self._begun_under = now
        if now != self._begun_under:
            raise IncarnationChanged(self._begun_under, now)


def refuse_fall(made_under: int, now: int) -> None:
    """Raise IncarnationWentBack where a file was made under a later incarnation than the registry names."""
    if now < made_under:
        raise IncarnationWentBack(made_under, now)


def check_incarnations(*numbers: object) -> None:
    """Raise ValueError unless the values from a file are incarnations, none below the one before it."""
    before = FIRST
    for number in numbers:
        if type(number) is not int or not before <= number <= MOST:
            raise ValueError
        before = number


def _read(header: str | None) -> int:
    """Read the number in the header of a verified answer; an older registry sends none."""
    try:
        return FIRST if header is None else read_incarnation(header)
    except ValueError:
        raise RegistryAnswerBroken("the registry's incarnation is no number", "answer-incarnation") from None


def _seen(document: dict[str, Any]) -> Seen:
    if document["v"] != _VERSION or not isinstance(document["registry_key"], str):
        raise ValueError
    check_incarnations(document["incarnation"])
    return Seen(number=int(document["incarnation"]), since=parse_moment(document["since"]))
