"""`clearline keys`: makes the key files that a participant needs."""

import os
from pathlib import Path

import click

from cli.options import FILE, NEW_FILE, json_option, write_secret
from cli.outcome import Failure
from cli.output import tell
from cli.references import agent_reference
from crypto.signing.keys import generate_signing_key, public_bytes, save_private_key
from protocol.encodings import b64url_encode
from serving.files import FOR_ALL, public_half, write_durably

SECRET_KEY_BYTES = 32


@click.group()
def keys() -> None:
    """Make key files. Private parts go into files with mode 0600 and are never printed."""


@keys.command(short_help="Make a key and print its public part.")
@click.option(
    "--kind",
    type=click.Choice(["signing", "account", "reference"]),
    default="signing",
    show_default=True,
    help="signing: Ed25519, signs requests. account: hides a carrier's account numbers. reference: hides an office's"
    " staff numbers. Nobody else ever has the last two.",
)
@click.option("--out", type=NEW_FILE, required=True, help="The file to make; an existing one is refused.")
@json_option
def new(kind: str, out: Path, *, as_json: bool) -> None:
    """Make a key. The public part of a signing key is printed, and written beside it (OUT.pub).

    \b
    Example:
      clearline keys new --out signing.pem
      clearline keys new --kind account --out account.key
      clearline keys new --kind reference --out reference.key
    """
    if kind != "signing":
        make_secret_key(out)
        tell({"file": str(out)}, as_json=as_json)
    else:
        public_key, beside = b64url_encode(_make_pair(out)), str(public_half(out))
        tell({"file": str(out), "public_file": beside, "public_key": public_key}, as_json=as_json)


@keys.command("reference", short_help="Print references of an office's staff.")
@click.argument("staff", type=FILE)
@click.option("--key", type=FILE, required=True, help="The office's key for references.")
def reference(staff: Path, key: Path) -> None:
    """Print the reference of each staff number, one a line as in the file STAFF.

    So an office finds who a reference of the log's openings belongs to. Nothing leaves this machine.

    \b
    Example:
      clearline keys reference staff.txt --key reference.key
    """
    try:
        numbers = staff.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise Failure(f"{staff}: is not UTF-8") from None
    for made in [agent_reference(key, number) for number in numbers]:
        click.echo(b64url_encode(made))


def _make_pair(path: Path) -> bytes:
    """Write a new signing key and, beside it, its public part for everybody to read; returns that."""
    beside = public_half(path)
    for file in (path, beside):
        if file.exists():
            raise Failure(f"{file}: exists already and is not overwritten")
    public_key = make_signing_key(path)
    write_durably(beside, f"{b64url_encode(public_key)}\n".encode("ascii"), FOR_ALL)
    return public_key


def make_signing_key(path: Path) -> bytes:
    """Write a new signing key; returns its public part."""
    if path.exists():
        raise Failure(f"{path}: exists already and is not overwritten")
    key = generate_signing_key(os.urandom)
    save_private_key(key, path)
    return public_bytes(key)


def make_secret_key(path: Path) -> None:
    """Write a new account or reference key, base64url."""
    write_secret(path, b64url_encode(os.urandom(SECRET_KEY_BYTES)).encode("ascii") + b"\n")
