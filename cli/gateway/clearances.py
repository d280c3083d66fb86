"""`clearline gateway clearance`, `public-keys` and `verify-clearance`: fetch a clearance, and check it offline."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cli.options import FILE, NEW_FILE, config_option, json_option
from cli.outcome import Failure
from cli.output import tell
from client.resources.participants import read
from crypto.errors import CryptoRefusal
from crypto.signing.keys import load_public
from gateway import settings
from gateway.counter.settlements import ClearanceInvalid, VerifiedClearance, verify_clearance
from gateway.gateway import Gateway
from gateway.wiring import build
from protocol import strict_json
from protocol.encodings import EncodingError, b64url_decode, b64url_encode, format_time

_MAX_BYTES = 256 * 1024


@click.command()
@click.argument("clearance_id", type=click.UUID)
@click.option("--out", type=NEW_FILE, help="Write the clearance itself to a file as well.")
@config_option("gateway.toml")
@json_option
def clearance(clearance_id: UUID, out: Path | None, config: Path, *, as_json: bool) -> None:
    """Fetch a clearance by its id.

    \b
    Example:
      clearline gateway clearance 0198c2c4-0000-7000-8000-000000000000 --out clearance.jws
    """
    with build(settings.load(config)) as here:
        found = here.clearance(clearance_id)
    if out is not None:
        out.write_text(f"{found.clearance}\n", encoding="ascii")
    tell(found, as_json=as_json)


@click.command("public-keys")
@click.argument("participants", nargs=-1, required=True)
@click.option("--out", type=NEW_FILE, required=True, help="The file to write.")
@config_option("gateway.toml")
def fetch_public_keys(participants: tuple[str, ...], out: Path, config: Path) -> None:
    """Write the public keys that checking clearances offline needs: the registry's and those of PARTICIPANTS.

    \b
    Example:
      clearline gateway public-keys carrier-a carrier-b --out public-keys.json
    """
    with build(settings.load(config)) as here:
        out.write_bytes(public_keys(here, participants))


@click.command("verify-clearance")
@click.argument("file", type=FILE)
@click.option("--keys", type=FILE, required=True, help="Public keys, from `clearline gateway public-keys`.")
@json_option
def check_offline(file: Path, keys: Path, *, as_json: bool) -> None:
    """Check a clearance offline: the registry's signature, and the carrier's inside it. Exit 1 if it is invalid.

    \b
    Example:
      clearline gateway verify-clearance clearance.jws --keys public-keys.json
    """
    said = verify_clearance_file(file, keys)
    tell(
        {
            "clearance_id": str(said.clearance_id),
            "issuer": said.issuer,
            "issued_at": format_time(said.issued_at),
            **_said_by(said),
            "kind": said.kind.value,
            "amount_fen": said.amount_fen,
            "settled_at": format_time(said.settled_at),
            **({"waive_rest": True} if said.waive_rest else {}),
        },
        as_json=as_json,
    )


def _said_by(said: VerifiedClearance) -> dict[str, str]:
    if said.creditor is None:
        return {"collector": said.collector or "", "quote_digest": b64url_encode(said.quote_digest or b"")}
    return {"creditor": said.creditor, "account_ref": b64url_encode(said.account_ref or b"")}


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
