"""Runs the custodian under gunicorn: one worker, a few threads, graceful stop on SIGTERM."""

import logging
from pathlib import Path
from typing import Final

from flask import Flask

from crypto.envelope.provider import UNSEALED, KeyProvider
from custodian.ledger import Ledger
from custodian.settings import load
from custodian.share_book import check_dealers_file, open_book
from custodian.wiring import build
from serving.process import lock_memory
from serving.server import serve_small

_LOG: Final = logging.getLogger("clearline.custodian")


def main(path: Path, provider: KeyProvider = UNSEALED) -> None:
    """Serve until SIGTERM or SIGINT; unusable settings, share or ledger end it before it binds a port.

    The worker process inherits the provider: whatever it derives for the share here need not be derived there again.
    """
    settings = load(path)
    book = open_book(settings, provider)
    check_dealers_file(settings, book, provider)
    if book.is_dealt():
        _LOG.warning("dealt-share: a dealer made this share and knew the key; for demonstrations alone")
    Ledger(settings.database).close()
    # Run one worker: the ledger has one writer. libsodium releases the interpreter lock, so threads are enough.
    options = {
        "bind": settings.listen,
        "threads": settings.threads,
        "timeout": 60,
        "proc_name": "clearline-custodian" + ("" if settings.index is None else f"-{settings.index}"),
    }

    def application() -> Flask:
        _LOG.info(lock_memory())
        return build(path, provider=provider)

    serve_small(application, options, _LOG)
