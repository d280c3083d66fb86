"""Runs the custodian under gunicorn: one worker, a few threads, graceful stop on SIGTERM."""

import logging
from pathlib import Path

from custodian.ledger import Ledger
from custodian.settings import load
from custodian.share import load_share
from custodian.wiring import build
from serving.server import serve_small


def main(path: Path) -> None:
    """Serve until SIGTERM or SIGINT; settings, share or ledger that cannot be used end it before anything is bound."""
    settings = load(path)
    load_share(settings.share)
    Ledger(settings.database).close()
    # One worker: the ledger has one writer. libsodium leaves the interpreter lock, so threads are enough.
    options = {
        "bind": settings.listen,
        "threads": settings.threads,
        "timeout": 60,
        "proc_name": f"clearline-custodian-{settings.index}",
    }
    serve_small(lambda: build(path), options, logging.getLogger("clearline.custodian"))
