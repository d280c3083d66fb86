"""Chooses the shares that are served now: held, in time, and giving the epoch's canary the value that they gave first.

Nothing runs by itself: the first request of a UTC day, a monitor's included, computes the canaries again and deletes
what is over. A share whose time ends is deleted by the next request.
"""

import datetime as dt
import logging
import threading
from collections.abc import Callable
from typing import Final

from custodian.committee_share import CommitteeShare, evaluate_canary
from custodian.share_book import ShareBook

_log: Final = logging.getLogger("clearline.custodian")


class ServedShares:
    """The shares that a custodian serves, and its alarms about them. For any number of threads."""

    def __init__(
        self,
        book: ShareBook,
        *,
        refresh_days: int | None = None,
        canary_of: Callable[[CommitteeShare], bytes] = evaluate_canary,
    ) -> None:
        self._book = book
        self._canary_of = canary_of
        self._refresh_after = None if refresh_days is None else dt.timedelta(days=refresh_days)
        self._lock = threading.Lock()
        self._day: dt.date | None = None
        self._held: tuple[CommitteeShare, ...] = ()
        self._served: tuple[CommitteeShare, ...] = ()
        self._tried: list[tuple[int, int]] = []

    def at(self, now: dt.datetime) -> tuple[CommitteeShare, ...]:
        """Return the shares to serve, by epoch and committee."""
        with self._lock:
            self._keep_up(now)
            return self._served

    def alarms(self, now: dt.datetime) -> list[str]:
        """Return the codes of what somebody has to see to; with ``no-share`` nothing can be evaluated."""
        with self._lock:
            self._keep_up(now)
            served, held = self._served, self._held
        found = {
            "no-share": not served,
            "canary": served != held,
            "share-damaged": bool(self._book.damaged()),
            "share-expired": bool(self._book.expired(now)),
            "retired-only": bool(served) and all(share.retires_at is not None for share in served),
            "dealt-share": any(share.is_dealt for share in served),
            "refresh-due": self._is_refresh_due(now),
        }
        return [code for code, is_so in found.items() if is_so]

    def _keep_up(self, now: dt.datetime) -> None:
        today = now.astimezone(dt.UTC).date()
        is_new_day, self._day = today != self._day, today
        kept = self._book.kept()
        over = [share.place for share in kept if share.is_over(now)]
        if is_new_day or over != self._tried:
            self._tried = over
            self._delete(now)
            kept = self._book.kept()
        held = tuple(share for share in kept if share.is_held(now))
        if is_new_day or held != self._held:
            self._compare_canaries(held, again=is_new_day)
        if is_new_day and self._is_refresh_due(now):
            _log.warning("refresh due: the newest share is older than refresh_days")

    def _compare_canaries(self, held: tuple[CommitteeShare, ...], *, again: bool) -> None:
        known = () if again else self._held
        served = [
            share for share in held if (share in self._served if share in known else self._gives_its_canary(share))
        ]
        # A deleted share is forgotten here too.
        self._held, self._served = held, tuple(served)

    def _delete(self, now: dt.datetime) -> None:
        try:
            deleted = self._book.expire(now)
        except OSError as trouble:
            # The file stays an alarm, and tomorrow is another try; evaluations go on without it.
            _log.error("shares not deleted: %s: %s", trouble.filename, trouble.strerror)
            return
        for share in deleted:
            _log.info("share deleted epoch=%d committee=%d", share.epoch, share.committee)

    def _is_refresh_due(self, now: dt.datetime) -> bool:
        formed_at = self._held[-1].formed_at if self._held else None
        return self._refresh_after is not None and formed_at is not None and now - formed_at > self._refresh_after

    def _gives_its_canary(self, share: CommitteeShare) -> bool:
        """Tell whether the share gives the canary the value in its file; a dealer's file has none to compare."""
        if share.canary is None or self._canary_of(share) == share.canary:
            return True
        _log.error("share not served: its canary differs epoch=%d committee=%d", share.epoch, share.committee)
        return False
