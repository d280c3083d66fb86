"""Write public keys into a file, and check clearances against them offline."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cli.outcome import Failure
from client.resources.participants import read
from crypto.errors import CryptoRefusal
from crypto.signing.keys import load_public
from gateway.counter.settlements import ClearanceInvalid, VerifiedClearance, verify_clearance
from gateway.gateway import Gateway
from protocol import strict_json
from protocol.encodings import EncodingError, b64url_decode, b64url_encode

_MAX_BYTES = 256 * 1024


def public_keys(gateway: Gateway, participants: Sequence[str]) -> bytes:
    """Write the file: the registry's pinned key and all keys of some participants, as the registry publishes them."""
    document = {
        "registry": {gateway.registry_key_id: b64url_encode(gateway.registry_public_key)},
        "participants": {
            participant_id: {
                key.key_id: b64url_encode(key.public_key) for key in read(gateway.registry, participant_id).keys
            }
            for participant_id in participants
        },
    }
    return json.dumps(document, indent=2, sort_keys=True).encode("ascii") + b"\n"


def verify_clearance_file(file: Path, keys: Path) -> VerifiedClearance:
    """Check the clearance in ``file`` (the token itself, or a JSON answer that holds it) under the keys of ``keys``."""
    document = _object(keys, keys.read_bytes())
    return verify_clearance(
        _token(file),
        registry_key=lambda key_id: _key(document.get("registry"), key_id),
        key_of=lambda participant, key_id: _key(_table(document.get("participants")).get(participant), key_id),
    )


def _token(file: Path) -> str:
    raw = file.read_bytes()[: _MAX_BYTES + 1]
    if raw.lstrip().startswith(b"{"):
        token = _object(file, raw).get("clearance")
        if not isinstance(token, str):
            raise Failure(f"{file}: holds no clearance")
        return token
    try:
        return raw.decode("ascii").strip()
    except UnicodeDecodeError:
        raise Failure(f"{file}: is not a clearance") from None


def _object(path: Path, raw: bytes) -> dict[str, Any]:
    try:
        return strict_json.load_object(raw, max_bytes=_MAX_BYTES)
    except strict_json.StrictJsonError as trouble:
        raise Failure(f"{path}: is not acceptable JSON: {trouble.code.value}") from None


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _key(keys: Any, key_id: str) -> Ed25519PublicKey:
    encoded = _table(keys).get(key_id)
    try:
        return load_public(b64url_decode(encoded if isinstance(encoded, str) else "", length=32))
    except (EncodingError, CryptoRefusal):
        raise ClearanceInvalid("key-unknown") from None
