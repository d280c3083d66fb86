"""Checks a key ceremony's transcript with nothing of Clearline.

    python verify_transcript.py transcript.json

Prints the committee that the transcript proves. docs/spec/ceremonies.md has each check in words; the proofs of the
canary are RFC 9497's, and are left to a library of it. Needs libsodium and the package cryptography.
"""

# ruff: noqa: D103, N806 (short functions of one page; R is the proof's name)

import ctypes
import ctypes.util
import hashlib
import json
import sys
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SODIUM = ctypes.CDLL(ctypes.util.find_library("sodium"))
L = 2**252 + 27742317777372353535851937790883648493
G = bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76")


def b64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def compute(name: str, *inputs: bytes) -> bytes:
    out = ctypes.create_string_buffer(32)
    require(getattr(SODIUM, name)(out, *inputs) == 0, "an element or a scalar is none")
    return out.raw


def total(*products: tuple[int, bytes]) -> bytes:
    result = bytes(32)  # the identity
    for number, element in products:
        product = compute("crypto_scalarmult_ristretto255", (number % L).to_bytes(32, "little"), element)
        result = compute("crypto_core_ristretto255_add", result, product)
    return result


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()


def sized(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def require(holds: object, fault: str) -> None:
    if not holds:
        sys.exit(f"refused: {fault}")


def main(raw: bytes) -> None:
    document = json.loads(raw)
    require(canonical(document) == raw, "not canonical")
    terms, texts = document["proposal"], iter(document["steps"])
    ceremony, former, t, zero = (
        digest(canonical(terms)),
        terms.get("former"),
        terms["threshold"],
        terms["kind"] == "REFRESH",
    )
    before = {seat["custodian"]: seat for seat in former["members"]} if former else {}
    seats = before | {seat["custodian"]: seat for seat in terms["members"]}
    dealers = terms["dealers"]
    parties = sorted({seat["custodian"] for seat in terms["members"]} | set(dealers))
    steps: dict[tuple[str, str], dict[str, Any]] = {}
    lines: dict[str, bytes] = {}
    for step, names in (("join", parties), ("deal", dealers), ("echo", parties), ("confirm", parties)):
        for name in names:
            text = next(texts, "..")
            signed, _, signature = text.rpartition(".")
            header, payload = (json.loads(b64(part)) for part in signed.split("."))
            Ed25519PublicKey.from_public_bytes(b64(seats[name]["public_key"])).verify(b64(signature), signed.encode())
            require(
                header == {"alg": "Ed25519", "kid": seats[name]["key_id"], "typ": f"clearline-ceremony-{step}+jws"},
                "another key",
            )
            require((payload["ceremony"], payload["party"]) == (ceremony, name), "a step out of its place")
            steps[step, name], lines[step] = payload, lines.get(step, b"") + text.encode() + b"\n"
    require(next(texts, None) is None, "a step too many")
    index_of = {name: before[name]["index"] for name in dealers} if terms["kind"] == "RESHARING" else {}
    weights, committed = dict.fromkeys(dealers, 1), {}
    for name in dealers:
        deal = steps["deal", name]
        phi = committed[name] = [b64(element) for element in deal["commitments"]]
        tag = b"clearline/ceremony/commitments/v1\n" + bytes.fromhex(ceremony)
        require(
            steps["join", name]["commitments_digest"] == digest(tag, sized(name.encode()), *phi), "commitments changed"
        )
        require(deal["joins"] == digest(lines["join"]) and len(phi) == t - zero, "other steps, or another degree")
        if index_of:
            require(phi[0] == b64(before[name]["share_public_key"]), "another constant than the dealer's share")
            for j in set(index_of.values()) - {index_of[name]}:
                weights[name] = weights[name] * j * pow(j - index_of[name], -1, L) % L
        if not zero:
            R, mu = b64(deal["proof"])[:32], int.from_bytes(b64(deal["proof"])[32:], "little")
            context = sized(
                bytes.fromhex(ceremony), name.encode(), terms["epoch"].to_bytes(8, "big"), t.to_bytes(8, "big")
            )
            hashed = hashlib.sha512(b"clearline/ceremony/possession/v1\n" + context + phi[0] + R).digest()
            require(mu < L and total((mu, G), (-int.from_bytes(hashed, "little"), phi[0])) == R, "possession unproven")
    members = []
    for seat in terms["members"]:
        dealt = [
            (weights[name] * seat["index"] ** (k + zero), e) for name in dealers for k, e in enumerate(committed[name])
        ]
        own = [(1, b64(before[seat["custodian"]]["share_public_key"]))] if zero else []
        share = urlsafe_b64encode(total(*dealt, *own)).decode().rstrip("=")
        members.append(seat | {"share_public_key": share})
    joint = (
        former["joint_public_key"]
        if former
        else urlsafe_b64encode(total(*((1, phi[0]) for phi in committed.values()))).decode().rstrip("=")
    )
    committee = {
        "epoch": terms["epoch"],
        "committee": terms["committee"],
        "threshold": t,
        "joint_public_key": joint,
        "members": members,
    }
    for party in parties:
        require(steps["echo", party]["deals"] == digest(lines["deal"]), "a party saw other deals")
        require(
            steps["confirm", party]["committee"] == digest(b"clearline/committee/v1\n", canonical(committee)),
            "a party confirmed another committee",
        )
    print(json.dumps(committee, indent=2))


if __name__ == "__main__":
    main(Path(sys.argv[1]).read_bytes())
