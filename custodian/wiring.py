"""The custodian's composition root builds the application from settings and hands it clock and randomness."""

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path

from flask import Flask

from custodian.app import create_app
from custodian.authn import Door
from custodian.ledger import Ledger
from custodian.live_admission import LiveAdmission
from custodian.settings import load
from custodian.share import load_share
from serving.clock import system_clock
from serving.settings import SettingsError


def build(path: Path, *, ledger: Ledger | None = None, clock: Callable[[], dt.datetime] = system_clock) -> Flask:
    """Build the application; the worker calls this after the fork, so that it inherits no open file."""
    settings = load(path)
    share = load_share(settings.share)
    if (share.index, share.epoch) != (settings.index, settings.epoch):
        raise SettingsError(f"{settings.share}: holds share {share.index} of epoch {share.epoch}, not the configured")
    kept = ledger or Ledger(settings.database)
    return create_app(
        share=share,
        threshold=settings.threshold,
        door=Door(public_url=settings.public_url, admission=LiveAdmission(path), ledger=kept, clock=clock),
        ledger=kept,
        clock=clock,
        random=os.urandom,
    )
