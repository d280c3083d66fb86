"""Keeps a custodian's shares of several committees, one sealed file each, for processes that change and serve them.

Whoever writes to the folder can take shares away, or put an older file of the same share back; without the seal's key
nobody can make one that is served. Every change replaces or removes one file durably: a crash leaves the state of
before or after it.
"""

import datetime as dt
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from crypto.envelope.provider import KeyProvider
from crypto.errors import CryptoRefusal
from custodian.committee_share import (
    CommitteeShare,
    ShareMalformed,
    ShareState,
    of_dealer,
    read_share,
    share_bytes,
)
from custodian.settings import CustodianSettings
from custodian.share import SHARE, ShareFileBad, load_share
from serving.files import (
    fingerprint,
    fingerprints,
    locked,
    make_folder,
    read_private,
    remove_durably,
    settle_folder,
    write_durably,
)
from serving.settings import SettingsError

_MAX_SEALED_BYTES: Final = 16 * 1024
_NAME: Final = re.compile(r"share-[1-9][0-9]{0,15}-[1-9][0-9]{0,9}\.json")
_LOCK: Final = "lock"
_log: Final = logging.getLogger("clearline.custodian")

_Mark = tuple[int, ...]


class ShareExists(Exception):
    """Another share lies under this epoch and committee; the message names the file. Nothing was changed."""


class ShareMissing(Exception):
    """No share of this ceremony is kept; the message names the folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DealtFile:
    """A dealer's share file, and the threshold that its settings name: it counts as committee 1 of its epoch."""

    path: Path
    threshold: int


class ShareBook:
    """The shares in a folder, and a dealer's file beside it. For any number of threads and processes.

    Each reading finds changed files by their marks. A file that cannot be used is logged once and left out.
    """

    def __init__(self, folder: Path, provider: KeyProvider, *, dealt: DealtFile | None = None) -> None:
        """Read nothing yet; a missing folder holds no shares and is made with the first one."""
        self._folder = folder
        self._provider = provider
        self._dealt = dealt
        self._lock = threading.Lock()
        self._marks: dict[str, _Mark] = {}
        self._shares: dict[str, CommitteeShare | None] = {}
        """By the file's name, and the dealer's by its path; None for a file that cannot be used."""
        self._kept: tuple[CommitteeShare, ...] = ()

    def kept(self) -> tuple[CommitteeShare, ...]:
        """Return every usable share, PENDING and ended ones too, by epoch and committee; reads changed files again."""
        with self._lock:
            # Take the marks before reading: a change in between is then read next time.
            marks = self._look()
            if marks != self._marks:
                self._read_changed(marks)
            return self._kept

    def get(self, epoch: int, committee: int, now: dt.datetime) -> CommitteeShare | None:
        """Return the HELD share of a committee, unless its time is over."""
        return next((each for each in self.held(now) if each.place == (epoch, committee)), None)

    def held(self, now: dt.datetime) -> tuple[CommitteeShare, ...]:
        """Return all HELD shares whose time is not over, by epoch and committee."""
        return tuple(each for each in self.kept() if each.is_held(now))

    def newest(self, now: dt.datetime) -> CommitteeShare | None:
        """Return the share of the latest epoch's latest committee."""
        held = self.held(now)
        return held[-1] if held else None

    def of_ceremony(self, ceremony: str) -> CommitteeShare | None:
        """Return the share that a ceremony made, PENDING or HELD."""
        return next((each for each in self.kept() if each.ceremony == ceremony), None)

    def expired(self, now: dt.datetime) -> tuple[CommitteeShare, ...]:
        """Return the shares whose time is over and that are not deleted yet."""
        return tuple(each for each in self.kept() if each.is_over(now))

    def damaged(self) -> tuple[Path, ...]:
        """Return the files that cannot be used."""
        self.kept()
        with self._lock:
            return tuple(sorted(self._folder / name for name, share in self._shares.items() if share is None))

    def is_dealt(self) -> bool:
        """Tell whether any share comes from a dealer, who knew the key."""
        return any(share.is_dealt for share in self.kept())

    def is_begun(self) -> bool:
        """Tell whether the folder holds the file of any share."""
        return any(_NAME.fullmatch(name) for name in self._look())

    def add_pending(self, share: CommitteeShare) -> None:
        """Keep the share that a ceremony made, PENDING; the same share again changes nothing.

        Raises ShareExists (also for a damaged file in its place), ShareMalformed, or OSError with the file's name.
        """
        if share.state is not ShareState.PENDING or share.ceremony is None:
            raise ShareMalformed("a share is added as a ceremony's, and pending")
        with self._changing():
            path = self._path(share)
            kept = next((each for each in self.kept() if each.place == share.place), None)
            if kept is not None and replace(kept, state=ShareState.PENDING, retires_at=None) == share:
                return
            if kept is not None or path.exists():
                raise ShareExists(f"{path}: another share of this committee is kept, and is not replaced")
            self._write(share)

    def promote(self, ceremony: str) -> CommitteeShare:
        """Make a ceremony's share HELD, and return it; once it is, nothing changes. Raises ShareMissing or OSError."""
        with self._changing():
            share = self.of_ceremony(ceremony)
            if share is None:
                raise ShareMissing(f"{self._folder}: holds no share of this ceremony")
            if share.state is ShareState.HELD:
                return share
            held = replace(share, state=ShareState.HELD)
            self._write(held)
            return held

    def retire(self, epoch: int, committee: int, at: dt.datetime) -> None:
        """End a HELD share at that time. An earlier end stands, and a share that is not held is none to end.

        Raises OSError with the file's name.
        """
        with self._changing():
            share = next((each for each in self.kept() if each.place == (epoch, committee)), None)
            if share is None or share.state is not ShareState.HELD or share.is_over(at):
                return
            # A dealer's file knows no end: from now on a copy in the folder stands for it.
            self._write(replace(share, retires_at=at))

    def drop_pending(self, ceremony: str) -> None:
        """Delete the share of a ceremony that came to nothing; a HELD one stays. Raises OSError."""
        with self._changing():
            share = self.of_ceremony(ceremony)
            if share is not None and share.state is ShareState.PENDING:
                remove_durably(self._path(share))

    def expire(self, now: dt.datetime) -> tuple[CommitteeShare, ...]:
        """Delete the files of shares whose time is over, and what a crash left unfinished; returns those shares.

        Raises OSError.
        """
        if not self._folder.is_dir():
            return ()
        with self._changing():
            over = self.expired(now)
            for share in over:
                dealt = self._dealt_share()
                if self._dealt is not None and dealt is not None and dealt.place == share.place:
                    # First the dealer's file: if we die here, the copy still knows that its time is over.
                    remove_durably(self._dealt.path)
                remove_durably(self._path(share))
            return over

    def _dealt_share(self) -> CommitteeShare | None:
        """Return the dealer's share as it was read last; None without a usable file."""
        return None if self._dealt is None else self._shares.get(str(self._dealt.path))

    def _path(self, share: CommitteeShare) -> Path:
        return self._folder / f"share-{share.epoch}-{share.committee}.json"

    def _write(self, share: CommitteeShare) -> None:
        path = self._path(share)
        sealed = self._provider.seal(share_bytes(share), purpose=_purpose(share.epoch, share.committee))
        try:
            write_durably(path, sealed)
        except OSError as trouble:
            path.with_name(f"{path.name}.new").unlink(missing_ok=True)
            raise OSError(trouble.errno, trouble.strerror, str(path)) from None

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Let one process at a time change the folder; remove what an earlier one left half written."""
        if not self._folder.is_dir():
            make_folder(self._folder)
            settle_folder(self._folder.parent)
        with locked(self._folder / _LOCK):
            for unfinished in self._folder.glob("share-*.json.new"):
                remove_durably(unfinished)
            yield

    def _read_changed(self, marks: dict[str, _Mark]) -> None:
        self._shares = {
            name: self._shares[name] if self._marks.get(name) == mark else self._share(name)
            for name, mark in marks.items()
        }
        self._marks = marks
        dealt = self._dealt_share()
        shares = [share for share in self._shares.values() if share is not None]
        if dealt is not None and self._path(dealt).name in self._shares:
            # The copy in the folder stands for it, a damaged one too: what has an end does not lose it.
            shares.remove(dealt)
        self._kept = tuple(sorted(shares, key=lambda share: share.place))

    def _look(self) -> dict[str, _Mark]:
        try:
            marks = fingerprints(self._folder, _NAME)
        except FileNotFoundError:
            marks = {}
        except OSError:
            marks = {"": ()}
        dealt = None if self._dealt is None else fingerprint(self._dealt.path)
        if self._dealt is not None and dealt is not None:
            marks[str(self._dealt.path)] = dealt
        return marks

    def _share(self, name: str) -> CommitteeShare | None:
        try:
            if self._dealt is not None and name == str(self._dealt.path):
                return of_dealer(load_share(self._dealt.path, provider=self._provider), self._dealt.threshold)
            return self._load(self._folder / name)
        except ShareFileBad as trouble:
            _log.error("share not served: %s", trouble)
            return None

    def _load(self, path: Path) -> CommitteeShare:
        if path == self._folder:
            raise ShareFileBad(f"{path}: the folder cannot be read")
        try:
            sealed = read_private(path, _MAX_SEALED_BYTES)
            share = read_share(self._provider.open(sealed, purpose=_purpose(*_place(path))))
        except OSError as trouble:
            raise ShareFileBad(f"{path}: cannot be read ({trouble.strerror})") from None
        except (CryptoRefusal, ShareMalformed) as trouble:
            raise ShareFileBad(f"{path}: {trouble}") from None
        if path != self._path(share):
            raise ShareFileBad(f"{path}: is the file of another committee")
        return share


def open_book(settings: CustodianSettings, provider: KeyProvider) -> ShareBook:
    """Open the shares of a custodian's settings; reads nothing yet."""
    dealt = None
    if settings.share is not None and settings.threshold is not None:
        dealt = DealtFile(path=settings.share, threshold=settings.threshold)
    return ShareBook(settings.shares, provider, dealt=dealt)


def secret_files(settings: CustodianSettings) -> dict[Path, str]:
    """Return the files of the shares, each with the purpose that it is sealed for; the dealer's may be missing."""
    files = {} if settings.share is None else {settings.share: SHARE}
    for path in sorted(settings.shares.glob("share-*.json")):
        if _NAME.fullmatch(path.name):
            files[path] = _purpose(*_place(path))
    return files


def check_dealers_file(settings: CustodianSettings, book: ShareBook, provider: KeyProvider) -> None:
    """Refuse to serve without the dealer's file that the settings name, and a dealer's share in earnest.

    It may be gone once a ceremony's share has taken over, and at no other time. Raises ShareFileBad or SettingsError.
    """
    if not settings.demonstration and (settings.share is not None or book.is_dealt()):
        raise SettingsError(
            f"{settings.share or settings.shares}: a dealer made this share and knew the key, so nobody's data may "
            "depend on it: hold a ceremony (docs/runbooks/keys.md); only a demonstration says demonstration = true"
        )
    if settings.share is None or (book.is_begun() and not settings.share.exists()):
        return
    share = load_share(settings.share, provider=provider)
    if settings.index not in (None, share.index) or settings.epoch not in (None, share.epoch):
        raise SettingsError(f"{settings.share}: holds share {share.index} of epoch {share.epoch}, not the configured")


def _place(path: Path) -> tuple[int, int]:
    """Read epoch and committee from the name of a share's file."""
    _, epoch, committee = path.name.removesuffix(".json").split("-")
    return int(epoch), int(committee)


def _purpose(epoch: int, committee: int) -> str:
    return f"custodian-share {epoch}/{committee}"
