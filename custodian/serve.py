"""Runs the custodian under gunicorn: one worker, a few threads, graceful stop on SIGTERM."""

import logging
from pathlib import Path

from custodian.ledger import Ledger
from custodian.settings import load
from custodian.share import load_share
from custodian.wiring import build
from serving.server import serve_small


def main(path: Path) -> None:
    """Serve until SIGTERM or SIGINT; unusable settings, share or ledger end it before it binds a port."""
    settings = load(path)
    load_share(settings.share)
    Ledger(settings.database).close()
    # Run one worker: the ledger has one writer. libsodium releases the interpreter lock, so threads are enough.
    options = {
        "bind": settings.listen,
        "threads": settings.threads,
        "timeout": 60,
        "proc_name": f"clearline-custodian-{settings.index}",
    }
    serve_small(lambda: build(path), options, logging.getLogger("clearline.custodian"))
