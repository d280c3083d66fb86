"""The custodian under gunicorn: one worker, a few threads, graceful stop on SIGTERM."""

import logging
from typing import Any, Final

from gunicorn.app.base import BaseApplication

from custodian.settings import CustodianSettings
from custodian.share import load_share
from custodian.wiring import build

_GRACE_SECONDS: Final = 15


class _Server(BaseApplication):  # type: ignore[misc] # gunicorn has no type information
    """Gunicorn, told what to do by our settings instead of its own files and command line."""

    def __init__(self, settings: CustodianSettings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": self._settings.listen,
            "worker_class": "gthread",
            "workers": 1,  # one writer of the ledger; libsodium leaves the interpreter lock, so threads are enough
            "threads": self._settings.threads,
            "timeout": 60,
            "graceful_timeout": _GRACE_SECONDS,
            "keepalive": 75,  # gateways keep their connection between batches
            "limit_request_line": 1024,
            "limit_request_fields": 32,
            "limit_request_field_size": 4096,
            "control_socket_disable": True,  # the default socket has one path per user, and we are several
            "proc_name": f"clearline-custodian-{self._settings.index}",
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return build(self._settings)


def main(settings: CustodianSettings) -> None:
    """Serve until SIGTERM or SIGINT; a share that cannot be used is said before anything is bound."""
    load_share(settings.share)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    _Server(settings).run()
