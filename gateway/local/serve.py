"""Serve the gateway's local service under gunicorn: on loopback, or beyond it under TLS; SIGTERM stops it in order."""

import ipaddress
import logging
import ssl
import stat
import threading
import time

from flask import Flask

from gateway.local.app import LOOPBACK_NAMES, create_app
from gateway.local.health import watch
from gateway.local.lanes import THREADS
from gateway.local.tokens import TokenBook
from gateway.settings import GatewaySettings, TlsFiles
from gateway.wiring import build, build_for_checks, pin_keeper
from serving.server import serve_small
from serving.settings import SettingsError


def main(settings: GatewaySettings, *, allow_remote: bool = False) -> None:
    """Serve until SIGTERM or SIGINT. ``allow_remote`` lets raw identities cross a network, under TLS alone."""
    host_names = served_names(settings, allow_remote=allow_remote)
    # Report an unusable key, pin, certificate or file of tokens before binding the port.
    if settings.tls is not None:
        check_tls(settings.tls)
    TokenBook(settings.tokens)
    build(settings).close()
    logging.getLogger("httpx").setLevel(logging.WARNING)
    options = {
        "bind": settings.listen,
        "threads": THREADS,  # a check mostly waits for custodians and registry
        "timeout": 120,
        "proc_name": f"clearline-gateway-{settings.carrier}",
    }
    if settings.tls is not None:
        options |= {"certfile": str(settings.tls.certificate), "keyfile": str(settings.tls.key)}

    def make_app() -> Flask:
        tokens, keeper = TokenBook(settings.tokens), pin_keeper(settings)
        checks, others = build_for_checks(settings, keeper=keeper), build(settings, keeper=keeper)
        watch(checks, time.monotonic)
        over = threading.Event()
        others.resources.callback(over.set)
        keeper.renewal.keep_running(over)
        return create_app(
            others,
            checks=checks,
            check_seconds=settings.check.deadline_seconds,
            tokens=tokens,
            monotonic=time.monotonic,
            host_names=host_names,
            tmf=settings.tmf,
        )

    serve_small(make_app, options, logging.getLogger("clearline.gateway"))


def served_names(settings: GatewaySettings, *, allow_remote: bool) -> frozenset[str]:
    """Return the Host headers to answer to; raises SettingsError for an address that must not be listened on."""
    host = listen_host(settings.listen)
    if not allow_remote and not is_loopback(host):
        raise SettingsError(f"service.listen is {host}, which is not a loopback address; raw identities stay local")
    if allow_remote and settings.tls is None:
        raise SettingsError("--allow-remote needs service.tls_certificate and service.tls_key: no identity goes bare")
    # No honest caller uses the wildcard address as a host name, but a web page may.
    own = frozenset[str]() if _is_unspecified(host) else frozenset({host.lower()})
    return LOOPBACK_NAMES | own | settings.host_names


def check_tls(files: TlsFiles) -> None:
    """Raise SettingsError unless the certificate and its key are a pair, and the key is its owner's alone."""
    try:
        # Check the target of a symbolic link: renewed certificates are usually reached through one.
        if files.key.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise SettingsError(f"{files.key}: is open to others than its owner; run chmod 600")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(files.certificate, files.key, password=lambda: b"")
    except ssl.SSLError as trouble:
        raise SettingsError(f"{files.certificate}: no certificate with its key ({trouble.reason or 'PEM'})") from None
    except OSError as trouble:
        raise SettingsError(f"{trouble.filename or files.certificate}: cannot be read ({trouble.strerror})") from None


def listen_host(listen: str) -> str:
    """Return the host of ``host:port`` or ``[v6]:port``."""
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdigit() or not host:
        raise SettingsError("service.listen must be host:port")
    return host


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address."""
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
