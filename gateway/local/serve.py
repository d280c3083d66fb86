"""The gateway's local service under gunicorn: on loopback, or beyond it under TLS; graceful stop on SIGTERM."""

import ipaddress
import json
import logging
import ssl
import stat
import time
from contextlib import suppress
from typing import Any, Final

from gateway.local.app import LOOPBACK_NAMES, create_app
from gateway.local.tokens import TokenBook
from gateway.settings import GatewaySettings, TlsFiles
from gateway.wiring import build
from protocol.problems import Problem, Refusal
from serving.server import EndingWorker, Server
from serving.settings import SettingsError

_GRACE_SECONDS: Final = 15
_log = logging.getLogger("clearline.gateway")


def main(settings: GatewaySettings, *, allow_remote: bool = False) -> None:
    """Serve until SIGTERM or SIGINT. ``allow_remote`` lets raw identities cross a network, under TLS alone."""
    host_names = served_names(settings, allow_remote=allow_remote)
    # A key, a pin, a certificate or a file of tokens that cannot be used is told before anything is bound.
    if settings.tls is not None:
        check_tls(settings.tls)
    TokenBook(settings.tokens)
    build(settings).close()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    _LocalServer(settings, host_names).run()


def served_names(settings: GatewaySettings, *, allow_remote: bool) -> frozenset[str]:
    """The Host headers to answer to; raises SettingsError for an address that must not be listened on."""
    host = listen_host(settings.listen)
    if not allow_remote and not is_loopback(host):
        raise SettingsError(f"service.listen is {host}, which is not a loopback address; raw identities stay local")
    if allow_remote and settings.tls is None:
        raise SettingsError("--allow-remote needs service.tls_certificate and service.tls_key: no identity goes bare")
    # Nobody calls a service by the address that stands for all of its addresses, but a web page may.
    own = frozenset[str]() if _is_unspecified(host) else frozenset({host.lower()})
    return LOOPBACK_NAMES | own | settings.host_names


def check_tls(files: TlsFiles) -> None:
    """Raise SettingsError unless the certificate and its key are a pair, and the key is its owner's alone."""
    try:
        # The target of a link counts: renewed certificates are usually reached through one.
        if files.key.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise SettingsError(f"{files.key}: is open to others than its owner; run chmod 600")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(files.certificate, files.key, password=lambda: b"")
    except ssl.SSLError as trouble:
        raise SettingsError(f"{files.certificate}: no certificate with its key ({trouble.reason or 'PEM'})") from None
    except OSError as trouble:
        raise SettingsError(f"{trouble.filename or files.certificate}: cannot be read ({trouble.strerror})") from None


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


def _is_unspecified(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_unspecified
    except ValueError:
        return False


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


class _LocalServer(Server):
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
        if self._settings.tls is not None:
            options |= {"certfile": str(self._settings.tls.certificate), "keyfile": str(self._settings.tls.key)}
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return create_app(
            build(self._settings),
            tokens=TokenBook(self._settings.tokens),
            monotonic=time.monotonic,
            host_names=self._host_names,
        )
