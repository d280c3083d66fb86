"""Runs the custodian under gunicorn: one worker, a few threads, graceful stop on SIGTERM."""

import logging
from pathlib import Path

from crypto.envelope.provider import Unsealed
from custodian.ledger import Ledger
from custodian.settings import load
from custodian.share_book import check_dealers_file, open_book
from custodian.wiring import build
from serving.server import serve_small


def main(path: Path) -> None:
    """Serve until SIGTERM or SIGINT; unusable settings, share or ledger end it before it binds a port."""
    settings = load(path)
    check_dealers_file(settings, open_book(settings, Unsealed()))
    Ledger(settings.database).close()
    # Run one worker: the ledger has one writer. libsodium releases the interpreter lock, so threads are enough.
    options = {
        "bind": settings.listen,
        "threads": settings.threads,
        "timeout": 60,
        "proc_name": "clearline-custodian" + ("" if settings.index is None else f"-{settings.index}"),
    }
    serve_small(lambda: build(path), options, logging.getLogger("clearline.custodian"))
