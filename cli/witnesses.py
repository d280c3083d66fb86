"""`clearline registry witness`: the operator admits and removes who may cosign the log's heads, and lists them."""

import hashlib
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import click

from cli.options import PublicKeyParam, signed_options
from cli.output import one_line, say, tell
from cli.registry_calls import ask_registry, file_signer
from gateway.peer import Signer
from protocol.encodings import b64url_encode, canonical_json

_SHOWN: Final = ("name", "participant_id", "vkey", "url", "added_at", "removed_at")


@click.group("witness")
def witness() -> None:
    """Whose cosignatures under the access log's heads count."""


@witness.command()
@click.argument("name")
@click.option("--participant", required=True, help="The participant whose witness it is.")
@click.option("--public-key", type=PublicKeyParam(), required=True, help="Its 32 bytes in base64url, or a file.")
@click.option("--witness-url", help="Where it is fed (c2sp.org/tlog-witness), if it does not come by itself.")
@signed_options
def admit(
    name: str,
    participant: str,
    public_key: bytes,
    witness_url: str | None,
    *,
    url: str,
    key: Path,
    key_id: str,
    as_json: bool,
) -> None:
    """Count the cosignatures of the witness NAME from now on. Signed by the operator; safe to repeat.

    \b
    Example:
      clearline registry witness admit carrier-a.example/witness --participant carrier-a --public-key <key> \\
        --url https://registry.example --key operator.pem --key-id operator-1
    """
    new: dict[str, Any] = {"participant_id": participant, "name": name, "public_key": b64url_encode(public_key)}
    if witness_url is not None:
        new["url"] = witness_url
    found = admit_witness(url.rstrip("/"), file_signer(key, key_id), new)
    tell({each: found[each] for each in _SHOWN}, as_json=as_json)


@witness.command("list")
@signed_options
def list_witnesses(url: str, key: Path, key_id: str, *, as_json: bool) -> None:
    """List the witnesses, one a line, those that were removed too. Signed by the operator.

    \b
    Example:
      clearline registry witness list --url https://registry.example --key operator.pem --key-id operator-1
    """
    found = ask_registry(url.rstrip("/"), file_signer(key, key_id), "GET", "/v1/witnesses")["witnesses"]
    for each in found:
        click.echo(one_line({name: each[name] for name in _SHOWN}, as_json=as_json))
    say(f"witnesses: {len(found)}")


@witness.command()
@click.argument("name")
@signed_options
def remove(name: str, url: str, key: Path, key_id: str, *, as_json: bool) -> None:
    """Count the cosignatures of the witness NAME no more, for ever. Signed by the operator; safe to repeat.

    \b
    Example:
      clearline registry witness remove carrier-a.example/witness \\
        --url https://registry.example --key operator.pem --key-id operator-1
    """
    found = ask_registry(
        url.rstrip("/"),
        file_signer(key, key_id),
        "POST",
        f"/v1/witnesses/{quote(name)}/removal",
        body={},
        idempotency_key=f"witness-removal-{b64url_encode(hashlib.sha256(name.encode()).digest())}",
    )
    tell({each: found[each] for each in _SHOWN}, as_json=as_json)


def admit_witness(url: str, signer: Signer, new: dict[str, Any]) -> dict[str, Any]:
    """POST one witness as the operator; raises Failure. The same call again gives the same answer."""
    once = f"witness-{b64url_encode(hashlib.sha256(canonical_json(new)).digest())}"
    return ask_registry(url, signer, "POST", "/v1/witnesses", body=new, idempotency_key=once)
