"""A registry that lies, as a real server on loopback: each lie makes the bytes of an answer from the request."""

import datetime as dt
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.signing import http_message
from crypto.signing.http_message import SignedRequest
from crypto.signing.keys import generate_signing_key, public_bytes

CLOSED = b'{"state":"CLOSED"}'
JSON = "application/json"
PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An answer before it is sent; ``cut`` says how many bytes of the announced ones are never sent."""

    status: int = 200
    body: bytes = CLOSED
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": JSON})
    cut: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The request that came, and the keys at hand."""

    request: SignedRequest
    key: Ed25519PrivateKey

    def signed(
        self,
        body: bytes = CLOSED,
        *,
        status: int = 200,
        key: Ed25519PrivateKey | None = None,
        key_id: str = "registry-1",
        age: float = 0,
        request: SignedRequest | None = None,
        content_type: str = JSON,
        incarnation: int | None = None,
    ) -> Said:
        """What an honest registry would send with this body, unless told otherwise."""
        headers = http_message.sign_response(
            status=status,
            content_type=content_type,
            content_digest=http_message.content_digest(body),
            request=request or self.request,
            key_id=key_id,
            private_key=key or self.key,
            created=dt.datetime.now(dt.UTC) - dt.timedelta(seconds=age),
            incarnation=incarnation,
        )
        return Said(status=status, body=body, headers=headers)


Lie = Callable[[Asked], Said]


class Liar:
    """A server with the registry's own key that says what it is told to say."""

    def __init__(self) -> None:
        self.key = generate_signing_key(os.urandom)
        self.lie: Lie = lambda _: Said()
        self.asked = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def public_key(self) -> bytes:
        return public_bytes(self.key)

    @contextmanager
    def serving(self) -> Iterator["Liar"]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield self
        self._server.shutdown()
        thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        liar = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                request = SignedRequest(
                    method=self.command, target_uri=liar.url + self.path, headers=dict(self.headers.items())
                )
                self.rfile.read(int(self.headers.get("Content-Length", "0")))
                said = liar.lie(Asked(request=request, key=liar.key))
                liar.asked += 1
                self.send_response(said.status)
                for name, value in said.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said.body)))
                self.end_headers()
                self.wfile.write(said.body[: len(said.body) - said.cut])

            do_POST = do_GET  # noqa: N815 (the name that the library calls)

            def log_message(self, *_: Any) -> None:
                """Nothing: tests look at what the command says."""

        return Handler


def other_headers(said: Said, **headers: str) -> Said:
    """The same with other headers ("" takes one away)."""
    kept = said.headers | {name.replace("_", "-"): value for name, value in headers.items()}
    return Said(status=said.status, body=said.body, headers={n: v for n, v in kept.items() if v}, cut=said.cut)


def _replayed(asked: Asked) -> Said:
    earlier = SignedRequest(
        method=asked.request.method,
        target_uri=asked.request.target_uri,
        headers=http_message.sign_request(
            method=asked.request.method,
            target_uri=asked.request.target_uri,
            content_type=None,
            content_digest=None,
            key_id="operator-1",
            private_key=asked.key,
            created=dt.datetime.now(dt.UTC),
            nonce="an-earlier-nonce-of-it",
        ),
    )
    return asked.signed(request=earlier)


_STRANGER = generate_signing_key(os.urandom)
_PAGE = b"<html><body>It works!</body></html>"
_NOT_FOUND = b'{"status":404,"title":"x","type":"urn:clearline:problem:not-found"}'

CORE: dict[str, tuple[Lie, str]] = {
    "unsigned": (lambda _: Said(), "answer-unsigned"),
    "unsigned, as a stream": (lambda _: Said(headers={"Content-Type": "application/x-ndjson"}), "answer-unsigned"),
    "an answer to another request": (_replayed, "answer-signature"),
}
"""Lies that every command is told, with the code that it has to give."""

EMPTY: tuple[Lie, str] = (lambda asked: asked.signed(b"{}"), "answer-form")
"""A registry of ours that has lost every member of its answer."""

MORE: dict[str, tuple[Lie, str]] = {
    "signed by a stranger": (lambda asked: asked.signed(key=_STRANGER), "answer-signature"),
    "a refusal that nobody signed": (
        lambda _: Said(status=409, body=_NOT_FOUND, headers={"Content-Type": PROBLEM}),
        "answer-unsigned",
    ),
    "a web page": (lambda _: Said(body=_PAGE, headers={"Content-Type": "text/html"}), "answer-unsigned"),
    "signed under another name": (lambda asked: asked.signed(key_id="registry-2"), "answer-signature"),
    "signed long ago": (lambda asked: asked.signed(age=400), "answer-signature"),
    "signed tomorrow": (lambda asked: asked.signed(age=-400), "answer-signature"),
    "altered after it was signed": (
        lambda asked: Said(body=b'{"state":"OPEN"}  ', headers=asked.signed().headers),
        "answer-signature",
    ),
    "shortened after it was signed": (
        lambda asked: Said(body=CLOSED[:-3], headers=asked.signed().headers),
        "answer-signature",
    ),
    "another status than the signed one": (
        lambda asked: Said(status=201, headers=asked.signed().headers),
        "answer-signature",
    ),
    "a signature of rubbish": (
        lambda asked: other_headers(asked.signed(), Signature="clearline=:AAAA:"),
        "answer-signature",
    ),
    "a signature input of rubbish": (
        lambda asked: other_headers(asked.signed(), Signature_Input="x=();created=99999999999999999999"),
        "answer-signature",
    ),
    "no signature input": (lambda asked: other_headers(asked.signed(), Signature_Input=""), "answer-signature"),
    "no digest": (lambda asked: other_headers(asked.signed(), Content_Digest=""), "answer-signature"),
    "the request's own signature": (
        lambda asked: Said(
            headers={"Content-Type": JSON}
            | {name: asked.request.headers[name] for name in ("Signature", "Signature-Input")}
        ),
        "answer-signature",
    ),
    "sent elsewhere": (lambda _: Said(status=302, headers={"Location": "/elsewhere"}), "answer-unsigned"),
    "no content": (lambda _: Said(status=204, body=b"", headers={}), "answer-unsigned"),
    "a page that is signed": (lambda asked: asked.signed(_PAGE), "answer-not-json"),
    "nothing that is signed": (lambda asked: asked.signed(b""), "answer-not-json"),
    "a list that is signed": (lambda asked: asked.signed(b"[]"), "answer-not-json"),
    "nested beyond all bounds": (lambda asked: asked.signed(b'{"a":' * 5000 + b"1" + b"}" * 5000), "answer-not-json"),
    "one name twice": (lambda asked: asked.signed(b'{"state":"OPEN","state":"CLOSED"}'), "answer-not-json"),
    "a number without end": (lambda asked: asked.signed(b'{"state":' + b"9" * 5000 + b"}"), "answer-not-json"),
    "other types": (lambda asked: asked.signed(b'{"record_id":1,"state":["CLOSED"]}'), "answer-form"),
    "a member of none": (lambda asked: asked.signed(b'{"record_id":null,"state":null}'), "answer-form"),
    "an incarnation that was put on after it was signed": (
        lambda asked: other_headers(asked.signed(), Clearline_Incarnation="2"),
        "answer-signature",
    ),
    "an incarnation that was taken off after it was signed": (
        lambda asked: other_headers(asked.signed(incarnation=2), Clearline_Incarnation=""),
        "answer-signature",
    ),
    "an incarnation that was changed after it was signed": (
        lambda asked: other_headers(asked.signed(incarnation=2), Clearline_Incarnation="3"),
        "answer-signature",
    ),
    "incarnation nought": (lambda asked: asked.signed(incarnation=0), "answer-incarnation"),
    "a negative incarnation": (lambda asked: asked.signed(incarnation=-1), "answer-incarnation"),
    "an incarnation beyond all bounds": (lambda asked: asked.signed(incarnation=10**30), "answer-incarnation"),
    "too much": (lambda _: Said(body=b" " * (17 * 1024 * 1024)), "answer-too-long"),
}
"""Lies that one command stands for all with, since all use one client."""
