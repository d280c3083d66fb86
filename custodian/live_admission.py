"""Reads the admitted keys again when the settings file changes: a change holds from the next request on."""

import logging
import threading
from pathlib import Path
from typing import Final

from custodian.settings import Admission, load
from protocol.problems import Problem, Refusal
from serving.files import fingerprint
from serving.settings import SettingsError

_log: Final = logging.getLogger("clearline.custodian")


class LiveAdmission:
    """Reads keys and quota again when the file changed. The other settings wait for a restart.

    While the file is unusable, no carrier is admitted: the change may have been the revocation of a stolen key.
    """

    def __init__(self, path: Path) -> None:
        """Read the file; raises SettingsError."""
        self._path = path
        self._lock = threading.Lock()
        self._seen = fingerprint(path)
        self._admission: Admission | None = load(path).admission

    def __call__(self) -> Admission:
        """Return the present admission; raise Refusal UNAVAILABLE while the file is unusable."""
        with self._lock:
            # Take the file's mark before reading it: a change in between is then read next time.
            seen = fingerprint(self._path)
            if seen != self._seen:
                self._admission = self._read_again()
                self._seen = seen
            if self._admission is None:
                raise Refusal(Problem.UNAVAILABLE)
            return self._admission

    def _read_again(self) -> Admission | None:
        try:
            admission = load(self._path).admission
        except SettingsError as trouble:
            _log.error("settings unusable, nobody is let in: %s", trouble)
            return None
        counts = len(admission.good()), len(admission.revoked), len(admission.peers)
        _log.info("settings read again: keys=%d revoked=%d peers=%d", *counts)
        return admission
