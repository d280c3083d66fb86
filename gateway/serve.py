"""The gateway's local service under gunicorn, on a loopback address only; graceful stop on SIGTERM."""

import ipaddress
import json
import logging
import time
from contextlib import suppress
from typing import Any, Final

from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from gateway.errors import SettingsError
from gateway.local_service import LOOPBACK_NAMES, create_app
from gateway.settings import GatewaySettings
from gateway.wiring import build
from protocol.problems import Problem, Refusal

_GRACE_SECONDS: Final = 15
_log = logging.getLogger("clearline.gateway")


def main(settings: GatewaySettings, *, allow_remote: bool = False) -> None:
    """Serve until SIGTERM or SIGINT. ``allow_remote`` lets raw identities cross a network: know what you do."""
    host = listen_host(settings.listen)
    if not allow_remote and not is_loopback(host):
        raise SettingsError(f"service.listen is {host}, which is not a loopback address; raw identities stay local")
    build(settings).close()  # a key or a pin that cannot be used is said before anything is bound
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    _Server(settings, LOOPBACK_NAMES | {host.lower()}).run()


def listen_host(listen: str) -> str:
    """The host of ``host:port`` or ``[v6]:port``."""
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdigit() or not host:
        raise SettingsError("service.listen must be host:port")
    return host


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class _QuietWorker(ThreadWorker):  # type: ignore[misc] # gunicorn has no type information
    """A thread worker that repeats nothing of what it could not parse, neither in its answer nor in its log."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Refuse what never became a request; gunicorn's own words quote the bytes."""
        del req, addr
        _log.warning("refused problem=%s error=%s", Problem.BAD_REQUEST.value.name, type(exc).__name__)
        body = json.dumps(Refusal(Problem.BAD_REQUEST).to_wire()).encode("ascii")
        head = "HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\nConnection: close\r\n"
        with suppress(OSError):  # the sender may have gone
            client.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode("ascii") + body)


class _Server(BaseApplication):  # type: ignore[misc] # gunicorn has no type information
    """Gunicorn, told what to do by our settings instead of its own files and command line."""

    def __init__(self, settings: GatewaySettings, host_names: frozenset[str]) -> None:
        self._settings = settings
        self._host_names = host_names
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": self._settings.listen,
            "worker_class": _QuietWorker,
            "workers": 1,
            "threads": 8,  # a check mostly waits for custodians and registry
            "timeout": 120,
            "graceful_timeout": _GRACE_SECONDS,
            "keepalive": 75,
            "forwarded_allow_ips": "",
            "secure_scheme_headers": {},
            "header_map": "refuse",
            "limit_request_line": 1024,
            "limit_request_fields": 32,
            "limit_request_field_size": 4096,
            "control_socket_disable": True,  # the default socket has one path per user, and we are several
            "proc_name": f"clearline-gateway-{self._settings.carrier}",
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return create_app(build(self._settings), monotonic=time.monotonic, host_names=self._host_names)
