"""The custodian's only composition root: settings become an application; clock and randomness enter here."""

import datetime as dt
import logging
import os
from collections.abc import Callable

from flask import Flask

from custodian.app import create_app
from custodian.authn import Door
from custodian.ledger import Ledger
from custodian.settings import CustodianSettings, SettingsError
from custodian.share import load_share

_log = logging.getLogger("clearline.custodian")


def system_clock(offset_seconds: int = 0) -> Callable[[], dt.datetime]:
    """The UTC clock, moved by whole seconds for a demonstration; a moved clock announces itself."""
    if not offset_seconds:
        return lambda: dt.datetime.now(dt.UTC)
    _log.warning("the clock is moved by %d seconds: for demonstrations only", offset_seconds)
    offset = dt.timedelta(seconds=offset_seconds)
    return lambda: dt.datetime.now(dt.UTC) + offset


def build(settings: CustodianSettings, *, ledger: Ledger | None = None) -> Flask:
    """Build the application; called in the worker process, after the fork, so that nothing open is inherited."""
    share = load_share(settings.share)
    if (share.index, share.epoch) != (settings.index, settings.epoch):
        raise SettingsError(f"{settings.share}: holds share {share.index} of epoch {share.epoch}, not the configured")
    kept = ledger or Ledger(settings.database)
    clock = system_clock(settings.clock_offset_seconds)
    return create_app(
        share=share,
        threshold=settings.threshold,
        daily_quota=settings.daily_quota,
        door=Door(public_url=settings.public_url, carriers=settings.carriers, ledger=kept, clock=clock),
        ledger=kept,
        clock=clock,
        random=os.urandom,
    )
