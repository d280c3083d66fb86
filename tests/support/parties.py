"""Custodians, a registry and gateways in one process: real applications, joined without a network."""

import datetime as dt
import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from auditlog.settings import LogSettings
from crypto.oprf.threshold import Dealing, deal
from crypto.signing import http_message
from crypto.signing.keys import generate_signing_key, public_bytes, save_private_key
from custodian.app import create_app
from custodian.authn import Door
from custodian.ledger import Ledger
from custodian.served_shares import ServedShares
from custodian.settings import Admission, CarrierKey
from custodian.share import HeldShare
from gateway.gateway import Gateway
from gateway.settings import CustodianPeer, GatewaySettings, Limits
from gateway.wiring import build
from protocol.encodings import b64url_encode
from protocol.messages.evaluations import EvaluationRequest
from protocol.wire.codec import write
from tests.support.share_books import a_share, served

REGISTRY_URL = "https://registry.test"


def custodian_url(index: int) -> str:
    return f"https://custodian-{index}.test"


def held(dealing: Dealing, index: int, *, epoch: int = 1) -> HeldShare:
    share = dealing.shares[index - 1]
    return HeldShare(index=index, epoch=epoch, sk=share.sk, pk=share.pk, joint_public_key=dealing.joint_public_key)


def a_custodian(
    index: int,
    *,
    shares: ServedShares,
    ledger: Ledger,
    clock: Callable[[], dt.datetime],
    carriers: tuple[CarrierKey, ...],
    daily_quota: int = 1_000_000,
) -> Any:
    admission = Admission(carriers=carriers, daily_quota=daily_quota)
    door = Door(public_url=custodian_url(index), admission=lambda: admission, ledger=ledger, clock=clock)
    return create_app(
        shares=shares,
        door=door,
        ledger=ledger,
        clock=clock,
        random=os.urandom,
    )


@dataclass
class Caller:
    """A carrier that signs by hand, to send what the real gateway never would."""

    key_id: str
    private_key: Ed25519PrivateKey
    clock: Callable[[], dt.datetime]

    def key(self, carrier: str = "carrier-a") -> CarrierKey:
        return CarrierKey(carrier=carrier, key_id=self.key_id, public_key=public_bytes(self.private_key))

    def headers(
        self,
        body: bytes | None,
        *,
        index: int = 1,
        method: str = "POST",
        path: str = "/v1/evaluations",
        nonce: str | None = None,
        created: dt.datetime | None = None,
    ) -> dict[str, str]:
        return http_message.sign_request(
            method=method,
            target_uri=custodian_url(index) + path,
            content_type=None if body is None else "application/json",
            content_digest=None if body is None else http_message.content_digest(body),
            key_id=self.key_id,
            private_key=self.private_key,
            created=created or self.clock(),
            nonce=nonce or b64url_encode(os.urandom(18)),
        )


def a_caller(clock: Callable[[], dt.datetime], key_id: str = "carrier-a-1") -> Caller:
    return Caller(key_id=key_id, private_key=generate_signing_key(os.urandom), clock=clock)


def evaluation_body(elements: list[bytes], *, epoch: int = 1, committee: int = 1) -> bytes:
    request = EvaluationRequest(epoch=epoch, committee=committee, blinded_elements=tuple(elements))
    return json.dumps(write(request)).encode()


@dataclass
class Line(httpx.BaseTransport):
    """The line to one peer: keeps everything that was sent, and can be cut, slowed or tapped by a test."""

    inner: httpx.BaseTransport
    sent: list[bytes] = field(default_factory=list)
    dead: bool = False
    delay_seconds: float = 0.0
    change: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    fail_next: list[int | type[httpx.TransportError]] = field(default_factory=list)
    after_next: list[type[httpx.TransportError]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        with self.lock:
            self.sent.append(str(request.url).encode() + repr(request.headers.raw).encode() + b"\n" + body)
            failure = self.fail_next.pop(0) if self.fail_next else None
        if self.dead:
            raise httpx.ConnectError("cut by the test")
        if isinstance(failure, int):
            return httpx.Response(failure, stream=httpx.ByteStream(b""))
        if failure is not None:
            raise failure("cut by the test")
        time.sleep(self.delay_seconds)
        response = self.inner.handle_request(request)
        if self.after_next:
            response.read()
            raise self.after_next.pop(0)("lost on the way back")
        if self.change is None:
            return response
        changed = json.dumps(self.change(json.loads(response.read()))).encode()
        return httpx.Response(response.status_code, headers=response.headers, stream=httpx.ByteStream(changed))

    @property
    def requests(self) -> int:
        return len(self.sent)


def briefly(seconds: float) -> None:
    """A hundredth of the pause that a caller makes before it repeats a call."""
    time.sleep(seconds / 100)


@dataclass
class Parties:
    """Three custodians (2 of 3), a registry and the carriers' gateways, each behind a line of its own."""

    folder: Path
    clock: Callable[[], dt.datetime]
    dealing: Dealing
    lines: dict[str, Line]
    signing_keys: dict[str, Ed25519PrivateKey]
    ledgers: dict[int, Ledger]

    def custodian(self, index: int) -> Line:
        return self.lines[custodian_url(index)]

    @property
    def registry(self) -> Line:
        return self.lines[REGISTRY_URL]

    def settings(self, carrier: str, **limits: Any) -> GatewaySettings:
        home = self.folder / carrier
        if not home.exists():
            home.mkdir()
            save_private_key(self.signing_keys[carrier], home / "signing.pem")
            (home / "account.key").touch(mode=0o600)
            (home / "account.key").write_text(b64url_encode(os.urandom(32)))
        chosen = {"hedge_seconds": 5.0, "attempts": 3} | limits
        return GatewaySettings(
            carrier=carrier,
            key_id=f"{carrier}-1",
            signing_key=home / "signing.pem",
            account_key=home / "account.key",
            registry_url=REGISTRY_URL,
            registry_key_id="registry-1",
            registry_public_key=public_bytes(self.signing_keys["registry"]),
            epoch=1,
            threshold=2,
            joint_public_key=self.dealing.joint_public_key,
            custodians=tuple(
                CustodianPeer(index=share.index, url=custodian_url(share.index), public_key=share.pk)
                for share in self.dealing.shares
            ),
            listen="127.0.0.1:0",
            tokens=home / "local-tokens.json",
            orders=home / "orders.db",
            limits=Limits(**chosen),
        )

    def settings_with_log(self, carrier: str = "carrier-a", **limits: Any) -> GatewaySettings:
        """The same with the log's key pinned; the log is the registry's."""
        log = LogSettings(
            url=f"{REGISTRY_URL}/log",
            name=f"{REGISTRY_URL.removeprefix('https://')}/log",
            public_key=public_bytes(self.signing_keys["log"]),
            state=self.folder / carrier / "log-state",
            witness_key=None,
            witness_name=f"{carrier}.witness",
            policy=None,
            faults=0,
        )
        return replace(self.settings(carrier, **limits), log=log)

    def gateway(self, carrier: str = "carrier-a", **limits: Any) -> Gateway:
        return build(self.settings(carrier, **limits), transports=self.lines, clock=self.clock, sleep=briefly)

    def everything_sent(self) -> bytes:
        return b"\n".join(each for line in self.lines.values() for each in line.sent)

    def close(self) -> None:
        for ledger in self.ledgers.values():
            ledger.close()


def gather(
    folder: Path,
    *,
    clock: Callable[[], dt.datetime],
    signing_keys: dict[str, Ed25519PrivateKey],
    registry: httpx.BaseTransport,
    daily_quota: int = 1_000_000,
) -> Parties:
    """``signing_keys`` by participant ("registry" and the carriers); ``registry`` answers for the registry."""
    dealing = deal(None, 2, 3, os.urandom)
    carriers = tuple(
        CarrierKey(carrier=name, key_id=f"{name}-1", public_key=public_bytes(key))
        for name, key in signing_keys.items()
        if name.startswith("carrier")
    )
    lines = {REGISTRY_URL: Line(registry)}
    ledgers = {}
    for index in (1, 2, 3):
        ledgers[index] = Ledger(folder / f"ledger-{index}.db")
        app = a_custodian(
            index,
            shares=served(folder / f"shares-{index}", a_share(dealing, index)),
            ledger=ledgers[index],
            clock=clock,
            carriers=carriers,
            daily_quota=daily_quota,
        )
        lines[custodian_url(index)] = Line(httpx.WSGITransport(app))
    return Parties(folder, clock, dealing, lines, signing_keys, ledgers)
