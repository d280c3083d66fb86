"""The custodian's composition root builds the application from settings and hands it clock and randomness."""

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path

from flask import Flask

from crypto.envelope.provider import UNSEALED, KeyProvider
from custodian.app import create_app
from custodian.authn import Door
from custodian.ceremonies.store import CeremonyStore
from custodian.ledger import Ledger
from custodian.live_admission import LiveAdmission
from custodian.served_shares import ServedShares
from custodian.settings import load
from custodian.share_book import check_dealers_file, open_book
from serving.clock import system_clock


def build(
    path: Path,
    *,
    provider: KeyProvider = UNSEALED,
    ledger: Ledger | None = None,
    clock: Callable[[], dt.datetime] = system_clock,
) -> Flask:
    """Build the application; the worker calls this after the fork, so that it inherits no open file."""
    settings = load(path)
    book = open_book(settings, provider)
    check_dealers_file(settings, book, provider)
    kept = ledger or Ledger(settings.database)
    return create_app(
        shares=ServedShares(book, refresh_days=settings.refresh_days),
        ceremonies=CeremonyStore(settings.ceremonies, provider),
        door=Door(public_url=settings.public_url, admission=LiveAdmission(path), ledger=kept, clock=clock),
        ledger=kept,
        clock=clock,
        random=os.urandom,
    )
