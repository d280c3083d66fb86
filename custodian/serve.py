"""The custodian under gunicorn: one worker, a few threads, graceful stop on SIGTERM."""

import json
import logging
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from custodian.ledger import Ledger
from custodian.settings import CustodianSettings, load
from custodian.share import load_share
from custodian.wiring import build
from protocol.problems import Problem, Refusal
from serving.server import EndingWorker, Server

_GRACE_SECONDS: Final = 15
_log = logging.getLogger("clearline.custodian")


class _QuietWorker(EndingWorker):
    """A thread worker that repeats nothing of what it could not parse, neither in its answer nor in its log."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Refuse what never became a request; gunicorn's own words quote the bytes."""
        del req, addr
        _log.warning("refused problem=%s error=%s", Problem.BAD_REQUEST.value.name, type(exc).__name__)
        body = json.dumps(Refusal(Problem.BAD_REQUEST).to_wire()).encode("ascii")
        head = "HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\nConnection: close\r\n"
        with suppress(OSError):  # the sender may have gone
            client.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode("ascii") + body)


class _CustodianServer(Server):
    """Gunicorn, told what to do by our settings instead of its own files and command line."""

    def __init__(self, path: Path, settings: CustodianSettings) -> None:
        self._path = path
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": self._settings.listen,
            "worker_class": _QuietWorker,
            "workers": 1,  # one writer of the ledger; libsodium leaves the interpreter lock, so threads are enough
            "threads": self._settings.threads,
            "timeout": 60,
            "graceful_timeout": _GRACE_SECONDS,
            "keepalive": 75,  # gateways keep their connection between batches
            "forwarded_allow_ips": "",
            "secure_scheme_headers": {},
            "header_map": "refuse",
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
        return build(self._path)


def main(path: Path) -> None:
    """Serve until SIGTERM or SIGINT; what cannot be used (settings, share, ledger) is said before anything is bound."""
    settings = load(path)
    load_share(settings.share)
    Ledger(settings.database).close()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    _CustodianServer(path, settings).run()
