"""Callers of a gateway's local service, as tests need them: tokens of every scope, and a client that carries one."""

import datetime as dt
import ipaddress
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.gateway import Gateway
from gateway.local.app import create_app
from gateway.local.health import looks
from gateway.local.tokens import Scope, TokenBook, add_caller
from gateway.settings import TlsFiles
from gateway.tmf.tables import TmfTables
from tests.support.contract import DocumentedClient
from tests.support.exports import resident

NUMBER = resident(1)
HERE = "http://127.0.0.1:9201"


def a_token(path: Path, name: str = "everything", scopes: Sequence[Scope] = tuple(Scope)) -> str:
    """A new token in a file of tokens."""
    return add_caller(path, name, scopes, random=os.urandom)


def a_client(
    gateway: Gateway,
    path: Path,
    token: str | None = None,
    *,
    checks: Gateway | None = None,
    kind: type[DocumentedClient] = DocumentedClient,
    tmf: TmfTables | None = None,
) -> FlaskClient:
    """A test client of the local service; it carries a token of every scope, or the given one ("" for none).

    It holds every answer to the published document. Without ``checks`` one gateway serves all.
    """
    carried = a_token(path) if token is None else token
    app = create_app(
        gateway,
        checks=checks or gateway,
        check_seconds=30,
        tokens=TokenBook(path),
        monotonic=time.monotonic,
        tmf=tmf,
    )
    app.test_client_class = kind
    client = app.test_client()
    if carried:
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {carried}"
    return client


def look_at_all(checks: Gateway) -> None:
    """Ask registry and custodians once, as the threads of a running service do again and again."""
    for _, look in looks(checks, time.monotonic):
        look()


def a_certificate(folder: Path) -> TlsFiles:
    """A certificate for loopback that signed itself, valid for a day around now, and its key."""
    folder.mkdir()
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = TlsFiles(certificate=folder / "certificate.pem", key=folder / "key.pem")
    files.certificate.write_bytes(made.public_bytes(Encoding.PEM))
    files.key.touch(mode=0o600)
    files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


def ask(**changes: Any) -> dict[str, Any]:
    body = {"document": {"kind": "RESIDENT_ID", "number": NUMBER}, "service_class": "MOBILE", "reference": "ORD1"}
    return body | changes


def name(response: TestResponse) -> str:
    assert response.content_type == "application/problem+json"
    return response.json["type"].removeprefix("urn:clearline:problem:")
