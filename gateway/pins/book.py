"""Keeps the pins beside the settings, for processes that change and use them; settings and file must not contradict.

The settings name the first committee. The file holds a later one of the same key, or one that a person named. A change
is on the disk before anything is asked of a new committee, and a stop before anything more is refused under it.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from crypto.errors import CryptoRefusal
from crypto.oprf.threshold import verify_share_public_keys
from gateway.pins.codes import KeyChanged
from gateway.pins.values import Doubt, PinFile, Pins, Taken, pins_of
from protocol import strict_json
from protocol.encodings import canonical_json
from protocol.wire.codec import Malformed, read, write
from serving.files import fingerprint, locked, read_bounded, write_durably

_MAX_BYTES: Final = 64 * 1024
_CURE: Final = "run `clearline gateway pins check`, and see docs/runbooks/readiness.md"
_log = logging.getLogger("clearline.gateway")


class PinBook:
    """The pins of one gateway; without a path they last as long as the process. For any number of threads."""

    def __init__(self, named: Pins, path: Path | None) -> None:
        """Read nothing yet; ``named`` are the pins of the settings."""
        self._named = named
        self._path = path
        self._lock = threading.Lock()
        self._mark: tuple[int, ...] | None = None
        self._content = PinFile()
        self._pins: Pins | None = None

    def read(self) -> PinFile:
        """Return the present content of the file; raises KeyChanged where it cannot be used."""
        with self._lock:
            self._keep_up()
            return self._content

    def pins(self) -> Pins:
        """Return what is pinned now, stopped or not; raises KeyChanged where settings and file contradict each other.

        So it does for public keys that are no sharing of their joint key.
        """
        with self._lock:
            self._keep_up()
            if self._pins is None:
                self._pins = self.join(self._content)
            return self._pins

    def join(self, content: PinFile) -> Pins:
        """Return what would be pinned with this content: of one key the later committee, or a key named later.

        A custodian that the settings name is asked at their address, which may be newer than that of its ceremony.
        Raises KeyChanged as ``pins``.
        """
        named = _checked(self._named)
        pins = named if content.pins is None else _addressed(named, _later(named, _checked(pins_of(content.pins))))
        known = content.canary
        if pins.canary is None and known is not None and known.joint_public_key == pins.joint_public_key:
            return replace(pins, canary=known.token)
        return pins

    def refuse_stopped(self) -> None:
        """Raise KeyChanged while the gateway is stopped."""
        stopped = self.read().stopped
        if stopped is not None:
            raise KeyChanged(stopped.code, f"nothing is tokenised since {stopped.since:%Y-%m-%d %H:%M} UTC; {_CURE}")

    def change(self, work: Callable[[PinFile], PinFile]) -> PinFile:
        """Let ``work`` change the newest content, and return it; raises OSError where nothing is changed."""
        if self._path is None:
            with self._lock:
                return self._use(work(self._content))
        with locked(self._path.with_name(f".{self._path.name}.lock")), self._lock:
            self._keep_up()
            changed = work(self._content)
            if changed == self._content:
                return changed
            write_durably(self._path, canonical_json(write(changed)) + b"\n")
            self._mark = fingerprint(self._path)
            return self._use(changed)

    def stop(self, doubt: Doubt) -> None:
        """Stop the gateway until a person has looked. The first stop stays."""
        _log.error("key-changed: tokenising stopped code=%s committee=%s", doubt.code, doubt.digest)

        def stopped(content: PinFile) -> PinFile:
            return replace(content, stopped=content.stopped or doubt, doubt=None)

        try:
            self.change(stopped)
        except OSError as trouble:
            with self._lock:
                self._use(stopped(self._content))
            _log.error("the stop is not kept, and ends with this process: %s", trouble.strerror)

    def _use(self, content: PinFile) -> PinFile:
        self._content, self._pins = content, None
        return content

    def _keep_up(self) -> None:
        mark = None if self._path is None else fingerprint(self._path)
        if mark is None or self._path is None or mark == self._mark:
            if mark is None and self._mark is not None:
                self._mark = None
                self._use(PinFile())
            return
        raw = read_bounded(self._path, _MAX_BYTES) or b""
        try:
            content = read(PinFile, strict_json.load_object(raw, max_bytes=_MAX_BYTES))
        except (strict_json.StrictJsonError, Malformed):
            raise KeyChanged("pins-malformed", f"{self._path} is no file of pins; {_CURE}") from None
        if canonical_json(write(content)) + b"\n" != raw:
            raise KeyChanged("pins-malformed", f"{self._path} is no file of pins as we write it; {_CURE}")
        self._mark = mark
        self._use(content)


def _later(named: Pins, filed: Pins) -> Pins:
    if filed.number < named.number:
        raise _contradict("the settings name a later committee than the pins file")
    if filed.epoch > named.epoch and filed.taken is not Taken.NAMED:
        raise _contradict("no person named the key of the pins file, whose epoch is later than that of the settings")
    if filed.epoch == named.epoch and filed.joint_public_key != named.joint_public_key:
        raise _contradict("settings and pins file have different joint keys under one epoch")
    if filed.number == named.number and (named.threshold != filed.threshold or not named.keys() <= filed.keys()):
        raise _contradict("settings and pins file have different committees under one number")
    return filed


def _addressed(named: Pins, pins: Pins) -> Pins:
    urls = {each.custodian: each.url for each in named.members if each.custodian is not None}
    members = tuple(replace(each, url=urls.get(each.custodian or "", each.url)) for each in pins.members)
    return replace(pins, members=members)


def _contradict(what: str) -> KeyChanged:
    return KeyChanged(
        "pins-contradict",
        f"{what}: take back the change of the settings, and name it by `clearline gateway pins accept`",
    )


def _checked(pins: Pins) -> Pins:
    try:
        verify_share_public_keys(pins.joint_public_key, dict(pins.keys()), pins.threshold)
    except CryptoRefusal as refused:
        raise KeyChanged(
            "pins-malformed", f"the pinned public keys are no sharing of the joint key: {refused}"
        ) from None
    return pins
