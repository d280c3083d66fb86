"""Writes the vectors of docs/spec/signatures.md: signed requests and answers, and refused messages."""

# ruff: noqa: INP001 (a script's part, beside the pages it serves)

import base64
import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from crypto.errors import SignatureRefused
from crypto.signing import http_message
from crypto.signing.content_digest import BodyDigest
from crypto.signing.http_message import SignedRequest
from crypto.signing.keys import public_bytes
from docs.spec.fixed import NOW, signing_key, stream
from protocol.encodings import b64url_encode, format_time

REGISTRY: Final = "https://registry.example"
BODY: Final = b'{"inquiry_ref":"A-1","service_class":"MOBILE"}'
ANSWER: Final = b'{"decision":"ALLOW","inquiry_ref":"A-1"}'
GZIPPED: Final = bytes.fromhex(
    "1f8b0800000000000203ab56cacc2b2ccd2caa8c2f4a4d53b25272d43554d2512a4e2d2acb4c4e8d4fce492c2e068afa"
    "fa3b79fab82ad5020040d859642e000000"
)
"""BODY as one gzip program once wrote it; another program may write other bytes."""
JSON: Final = "application/json"
ENTRY: Final = "019a1b2c-0000-7000-8000-000000000000"
AGENT: Final = b64url_encode(stream("agent")(16) + stream("agent's salt")(16))
OF_POST: Final = ("@method", "@target-uri", "content-type", "content-digest", "idempotency-key")
PARAMETERS: Final = (("created", str(int(NOW.timestamp()))), ("keyid", '"carrier-a-1"'), ("alg", '"ed25519"'))
_SECOND: Final = dt.timedelta(seconds=1)


def content() -> dict[str, object]:
    """Write requests and answers that verify at ``now``, and refused ones with their codes."""
    get, post = a_get(), a_post()
    return {
        "keys": [_key("carrier-a-1", "carrier a"), _key("registry-1", "registry")],
        "label": "clearline",
        "tag": "clearline-v1",
        "requests": [
            _request("a GET without a body", get, None),
            _request("a POST with a body and an idempotency key", post, BODY),
            _request(
                "a compressed body: the digest is over the bytes as sent",
                a_post(GZIPPED, nonce="gzip", encoding="gzip"),
                GZIPPED,
            ),
            _request("another order of components and parameters", by_hand(OF_POST[::-1], PARAMETERS[::-1]), BODY),
            _request("goes on with something of the second incarnation", a_post(nonce="second", incarnation=2), BODY),
            _request("an office's reading, with its purpose and its agent", a_reading(), None),
        ],
        "answers": [
            _answer("to the POST", 201, ANSWER, post),
            _answer("to the GET", 200, b"{}", get),
            _answer("of a registry that was restored once", 201, ANSWER, post, incarnation=2),
            _answer("to an office's reading, with its log entry", 200, ANSWER, a_reading(), log_entry=ENTRY),
        ],
        "refused_requests": _refused_requests(),
        "refused_answers": _refused_answers(get, post),
    }


def a_get() -> SignedRequest:
    """Make a signed GET with a query."""
    target = f"{REGISTRY}/v1/rules?at=2026-11-21"
    return _signed("GET", target, nonce="get", content_type=None, content_digest=None)


def a_post(
    body: bytes = BODY, *, nonce: str = "post", encoding: str | None = None, incarnation: int | None = None
) -> SignedRequest:
    """Make a signed POST with an idempotency key."""
    return _signed(
        "POST",
        f"{REGISTRY}/v1/inquiries",
        nonce=nonce,
        content_type=JSON,
        content_digest=http_message.content_digest(body),
        key="inquiry-1",
        encoding=encoding,
        incarnation=incarnation,
    )


def a_reading() -> SignedRequest:
    """Make a signed GET of an office that says why and who."""
    target = f"{REGISTRY}/v1/disputes"
    return _signed(
        "GET", target, nonce="reading", content_type=None, content_digest=None, purpose="SUPERVISION", agent=AGENT
    )


def _signed(
    method: str,
    target: str,
    *,
    nonce: str,
    content_type: str | None,
    content_digest: str | None,
    key: str | None = None,
    encoding: str | None = None,
    incarnation: int | None = None,
    purpose: str | None = None,
    agent: str | None = None,
) -> SignedRequest:
    headers = http_message.sign_request(
        method=method,
        target_uri=target,
        content_type=content_type,
        content_digest=content_digest,
        key_id="carrier-a-1",
        private_key=signing_key("carrier a"),
        created=NOW,
        nonce=_nonce(nonce),
        idempotency_key=key,
        content_encoding=encoding,
        incarnation=incarnation,
        purpose=purpose,
        agent=agent,
    )
    return SignedRequest(method=method, target_uri=target, headers=headers)


def by_hand(
    components: tuple[str, ...],
    parameters: tuple[tuple[str, str], ...] = PARAMETERS,
    *,
    nonce: str | None = None,
    tag: str = "clearline-v1",
    label: str = "clearline",
) -> SignedRequest:
    """Sign the POST over any components and parameters, without enforcing the profile."""
    values = {
        "@method": "POST",
        "@target-uri": f"{REGISTRY}/v1/inquiries",
        "content-type": JSON,
        "content-digest": http_message.content_digest(BODY),
        "idempotency-key": "inquiry-1",
    }
    given = (*parameters, ("nonce", f'"{_nonce("by hand") if nonce is None else nonce}"'), ("tag", f'"{tag}"'))
    covered = " ".join(f'"{name}"' for name in components)
    signed = f"({covered})" + "".join(f";{name}={value}" for name, value in given)
    base = "\n".join([*(f'"{name}": {values[name]}' for name in components), f'"@signature-params": {signed}'])
    signature = base64.b64encode(signing_key("carrier a").sign(base.encode("ascii"))).decode("ascii")
    headers = {
        "Content-Type": values["content-type"],
        "Content-Digest": values["content-digest"],
        "Idempotency-Key": values["idempotency-key"],
        "Signature-Input": f"{label}={signed}",
        "Signature": f"{label}=:{signature}:",
    }
    return SignedRequest(method="POST", target_uri=values["@target-uri"], headers=headers)


def _request(why: str, request: SignedRequest, body: bytes | None) -> dict[str, object]:
    verified = _verify(request, body, NOW)
    return _message(why, request, body) | {
        "key_id": verified.key_id,
        "nonce": verified.nonce,
        "created": format_time(verified.created),
        "signature_base": verified.signature_base.decode("ascii"),
        "signature_hex": verified.signature.hex(),
    }


def _verify(request: SignedRequest, body: bytes | None, now: dt.datetime) -> http_message.Verified:
    """Verify as a server does, as far as one request alone allows."""
    http_message.peek_key_id(request.headers)
    key = signing_key("carrier a").public_key()
    verified = http_message.verify_request(request, has_body=bool(body), public_key=key, now=now)
    http_message.verify_content_digest(verified.content_digest, _digest(body or b""))
    return verified


def _answer(
    why: str,
    status: int,
    body: bytes,
    request: SignedRequest,
    *,
    incarnation: int | None = None,
    log_entry: str | None = None,
) -> dict[str, object]:
    headers = _answer_headers(status, body, request, incarnation, log_entry)
    verified = _verify_answer(status, headers, body, request)
    return {
        "why": why,
        "status": status,
        "headers": headers,
        "body_base64url": b64url_encode(body),
        "request": _message(why, request, None),
        "now": format_time(NOW),
        "key_id": verified.key_id,
        "signature_base": verified.signature_base.decode("ascii"),
        "signature_hex": verified.signature.hex(),
    }


def _answer_headers(
    status: int, body: bytes, request: SignedRequest, incarnation: int | None = None, log_entry: str | None = None
) -> dict[str, str]:
    return http_message.sign_response(
        status=status,
        content_type=JSON,
        content_digest=http_message.content_digest(body),
        request=request,
        key_id="registry-1",
        private_key=signing_key("registry"),
        created=NOW,
        incarnation=incarnation,
        log_entry=log_entry,
    )


def _verify_answer(
    status: int, headers: Mapping[str, str], body: bytes, request: SignedRequest
) -> http_message.Verified:
    key = signing_key("registry").public_key()
    verified = http_message.verify_response(status=status, headers=headers, request=request, public_key=key, now=NOW)
    http_message.verify_content_digest(verified.content_digest, _digest(body))
    return verified


def _refused_requests() -> list[dict[str, object]]:
    post, get, reading = a_post(), a_get(), a_reading()
    unsigned = {name: value for name, value in post.headers.items() if name != "Signature"}
    padded = _with(post, {"Signature-Input": post.headers["Signature-Input"].replace("=(", "= (")})
    late, early = NOW + 300 * _SECOND + _SECOND, NOW - 31 * _SECOND
    cases: list[tuple[str, SignedRequest, bytes | None, dt.datetime]] = [
        ("no Signature", replace(post, headers=unsigned), BODY, NOW),
        ("another body than the signed one", post, BODY.replace(b"A-1", b"A-2"), NOW),
        ("a body under a signature without one", get, BODY, NOW),
        ("a body taken away", post, None, NOW),
        ("sent to another server", replace(post, target_uri="https://custodian.example/v1/inquiries"), BODY, NOW),
        ("301 seconds old", post, BODY, late),
        ("31 seconds ahead", post, BODY, early),
        ("the idempotency key is changed", _with(post, {"Idempotency-Key": "inquiry-2"}), BODY, NOW),
        ("the idempotency key is not covered", by_hand(OF_POST[:-1]), BODY, NOW),
        ("a header of the list was added after signing", _with(get, {"Content-Type": JSON}), None, NOW),
        ("another tag", by_hand(OF_POST, tag="clearline-v2"), BODY, NOW),
        ("another label", by_hand(OF_POST, label="sig1"), BODY, NOW),
        ("a nonce of 15 characters", by_hand(OF_POST, nonce="n" * 15), BODY, NOW),
        ("a parameter that is not of the five", by_hand(OF_POST, (*PARAMETERS, ("expires", "1795248000"))), BODY, NOW),
        ("a space in Signature-Input", padded, BODY, NOW),
        ("another purpose than the signed one", _with(reading, {"Clearline-Purpose": "SAMPLE"}), None, NOW),
        ("a purpose was added after signing", _with(get, {"Clearline-Purpose": "SAMPLE"}), None, NOW),
        ("another agent than the signed one", _with(reading, {"Clearline-Agent": "A" * 43}), None, NOW),
        ("an agent without its digest", _with(get, {"Clearline-Agent": AGENT}), None, NOW),
    ]
    return [_refused_request(*case) for case in cases]


def _with(request: SignedRequest, headers: dict[str, str]) -> SignedRequest:
    return replace(request, headers={**request.headers, **headers})


def _refused_request(why: str, request: SignedRequest, body: bytes | None, now: dt.datetime) -> dict[str, object]:
    try:
        _verify(request, body, now)
    except SignatureRefused as refused:
        return _message(why, request, body) | {"now": format_time(now), "refused": refused.code}
    raise ValueError(f"a request that has to be refused is not: {why}")


def _refused_answers(get: SignedRequest, post: SignedRequest) -> list[dict[str, object]]:
    headers = _answer_headers(201, ANSWER, post)
    second = _answer_headers(201, ANSWER, post, 2)
    without = {name: value for name, value in second.items() if name != "Clearline-Incarnation"}
    again, reading = a_post(nonce="post again"), a_reading()
    read = _answer_headers(201, ANSWER, reading, 1, ENTRY)
    untold = {name: value for name, value in read.items() if name != "Clearline-Log-Entry"}
    cases: list[tuple[str, int, dict[str, str], SignedRequest]] = [
        ("another status", 200, headers, post),
        ("the answer to the same request under another nonce", 201, headers, again),
        ("the answer to another request", 201, headers, get),
        ("another incarnation", 201, second | {"Clearline-Incarnation": "1"}, post),
        ("the incarnation was taken away", 201, without, post),
        ("an incarnation was added after signing", 201, headers | {"Clearline-Incarnation": "2"}, post),
        ("another log entry than the signed one", 201, read | {"Clearline-Log-Entry": ENTRY[:-1] + "1"}, reading),
        ("the log entry was taken away", 201, untold, reading),
        ("a log entry was added after signing", 201, headers | {"Clearline-Log-Entry": ENTRY}, post),
    ]
    return [_refused_answer(*case) for case in cases]


def _refused_answer(why: str, status: int, headers: dict[str, str], request: SignedRequest) -> dict[str, object]:
    try:
        _verify_answer(status, headers, ANSWER, request)
    except SignatureRefused as refused:
        return {
            "why": why,
            "status": status,
            "headers": headers,
            "body_base64url": b64url_encode(ANSWER),
            "request": _message(why, request, None),
            "now": format_time(NOW),
            "refused": refused.code,
        }
    raise ValueError(f"an answer that has to be refused is not: {why}")


def _message(why: str, request: SignedRequest, body: bytes | None) -> dict[str, object]:
    return {
        "why": why,
        "method": request.method,
        "target_uri": request.target_uri,
        "headers": dict(request.headers),
        "body_base64url": None if body is None else b64url_encode(body),
        "now": format_time(NOW),
    }


def _key(key_id: str, label: str) -> dict[str, str]:
    private = signing_key(label)
    return {"key_id": key_id, "seed_hex": private.private_bytes_raw().hex(), "public_hex": public_bytes(private).hex()}


def _nonce(label: str) -> str:
    return b64url_encode(stream(f"nonce {label}")(18))


def _digest(body: bytes) -> bytes:
    digest = BodyDigest()
    digest.update(body)
    return digest.digest()
