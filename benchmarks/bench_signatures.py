"""Measures our signature code beside general libraries and bare Ed25519, in turn in one run: CPU of this process."""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import http_message_signatures as library
from http_message_signatures.algorithms import ED25519
from joserfc import jws
from joserfc.jwk import OKPKey

from crypto.signing.http_message import SignedRequest, content_digest, sign_request, sign_response, verify_request
from crypto.signing.jws import ALGORITHM, sign_compact
from crypto.signing.keys import generate_signing_key
from tests.support.signature_library import AnswerMessage, Message, Timeless, sign_by_library

KEY = generate_signing_key(os.urandom)
NOW = datetime.now(UTC)
NONCE = os.urandom(16).hex()
URI = "https://registry.example/v1/inquiries"
DIGEST = content_digest(b"{}")
TYP = "clearline-decision+jws"
PAYLOAD = json.dumps({"decision": "ALLOW", "inquiry_id": NONCE}).encode()
COMPONENTS = ["@method", "@target-uri", "content-type", "content-digest", "idempotency-key"]
OF_ANSWER = [
    "@status",
    "content-type",
    "content-digest",
    *(f'"{each}";req' for each in ("@method", "@target-uri", "signature", "content-digest")),
]
FIELDS = {"Content-Type": "application/json", "Content-Digest": DIGEST, "Idempotency-Key": "order-1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Microseconds of CPU, the median of the rounds."""

    step: str
    ours_us: float
    library_us: float
    ed25519_us: float


def ours_request() -> SignedRequest:
    """Sign a request as a gateway does."""
    headers = sign_request(
        method="POST", target_uri=URI, content_type="application/json", content_digest=DIGEST, key_id="k-1",
        private_key=KEY, created=NOW, nonce=NONCE, idempotency_key="order-1",
    )  # fmt: skip
    return SignedRequest(method="POST", target_uri=URI, headers=headers)


def main() -> None:
    """Run the steps in turn and write the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=9)
    arguments.add_argument("--calls", type=int, default=200)
    arguments.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "signatures.json")
    given = arguments.parse_args()
    request, public = ours_request(), KEY.public_key()
    resolver = library.MappingKeyResolver(public_keys={"k-1": public}, private_keys={})
    asked = Message("POST", URI, dict(request.headers))
    of_answer = {name: FIELDS[name] for name in ("Content-Type", "Content-Digest")}
    base = bytes(400)
    signature = KEY.sign(base)

    def answer() -> object:
        return sign_response(
            status=201, content_type="application/json", content_digest=DIGEST, request=request, key_id="k-1",
            private_key=KEY, created=NOW,
        )  # fmt: skip

    steps: dict[str, tuple[Callable[[], object], Callable[[], object], Callable[[], object]]] = {
        "verify a request": (
            lambda: verify_request(request, has_body=True, public_key=public, now=NOW),
            lambda: Timeless(signature_algorithm=ED25519, key_resolver=resolver).verify(
                asked, max_age=None, expect_tag="clearline-v1", require_components=COMPONENTS
            ),
            lambda: public.verify(signature, base),
        ),
        "sign an answer": (
            answer,
            lambda: sign_by_library(KEY, AnswerMessage(201, dict(of_answer), asked), OF_ANSWER, at=NOW, nonce=NONCE),
            lambda: KEY.sign(base),
        ),
        "sign a token": (
            lambda: sign_compact(PAYLOAD, typ=TYP, key_id="k-1", private_key=KEY),
            lambda: jws.serialize_compact(
                {"alg": ALGORITHM, "kid": "k-1", "typ": TYP}, PAYLOAD, OKPKey.import_key(KEY), algorithms=[ALGORITHM]
            ),
            lambda: KEY.sign(base),
        ),
    }
    figures = [Figure(step=name, **_measured(works, given.rounds, given.calls)) for name, works in steps.items()]
    for each in figures:
        print(f"{each.step:<18} ours {each.ours_us:6.0f} us", end="   ")
        print(f"general {each.library_us:6.0f} us   Ed25519 {each.ed25519_us:6.0f} us")
    document = {"load": os.getloadavg()[0], "figures": [asdict(each) for each in figures]}
    given.out.write_text(json.dumps(document, indent=1) + "\n")


def _measured(
    works: tuple[Callable[[], object], Callable[[], object], Callable[[], object]], rounds: int, calls: int
) -> dict[str, float]:
    taken: list[list[float]] = [[], [], []]
    for _ in range(rounds):
        for place, work in enumerate(works):
            begun = time.process_time()
            for _ in range(calls):
                work()
            taken[place].append((time.process_time() - begun) / calls * 1e6)
    medians = map(statistics.median, taken)
    return dict(zip(("ours_us", "library_us", "ed25519_us"), medians, strict=True))


if __name__ == "__main__":
    main()
