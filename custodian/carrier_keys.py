"""Adds and revokes carriers' keys in the settings file of a custodian, which a running custodian reads again."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crypto.errors import BadKey
from crypto.signing.keys import load_public
from custodian.settings import Admission, CarrierKey, load, parse
from protocol.encodings import b64url_encode
from protocol.names import KEY_ID, PARTICIPANT_ID
from serving.changes import change_file
from serving.toml_text import toml_text


class KeyChangeRefused(Exception):
    """A change of the keys is refused; ``code`` is stable, the message is the whole line that the command prints."""

    def __init__(self, path: Path, code: str, what: str) -> None:
        super().__init__(f"{path}: {code}: {what}")
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The admission after a command, and a flag that the command changed the file."""

    admission: Admission
    is_new: bool


def add_key(path: Path, new: CarrierKey) -> Change:
    """Admit a further key beside those that the carrier has. The same key again changes nothing.

    Raises KeyChangeRefused: name-malformed, key-unusable, key-revoked, key-taken.
    """
    if re.fullmatch(PARTICIPANT_ID, new.carrier) is None or re.fullmatch(KEY_ID, new.key_id) is None:
        raise KeyChangeRefused(path, "name-malformed", "a carrier or a key has a name that the registry does not take")
    try:
        load_public(new.public_key)
    except BadKey:
        raise KeyChangeRefused(path, "key-unusable", "the public key is no Ed25519 key") from None

    def lines(admission: Admission) -> str:
        if any(gone.is_of(new) for gone in admission.revoked):
            raise KeyChangeRefused(
                path, "key-revoked", "a revoked key, or its name, is not let in again; make a new key"
            )
        if new in admission.carriers:
            return ""
        if any(new.key_id == each.key_id or new.public_key == each.public_key for each in admission.carriers):
            raise KeyChangeRefused(path, "key-taken", "another key has this name, or this key has another name")
        return (
            f"\n[[carrier]]\nid = {toml_text(new.carrier)}\nkey_id = {toml_text(new.key_id)}\n"
            f"public_key = {toml_text(b64url_encode(new.public_key))}\n"
        )

    return _append(path, lines)


def revoke_key(path: Path, carrier: str, key_id: str, *, now: dt.datetime) -> Change:
    """Refuse a key for ever, under this name or another. The same key again changes nothing.

    Raises KeyChangeRefused: key-unknown.
    """

    def lines(admission: Admission) -> str:
        key = next((each for each in admission.carriers if each.key_id == key_id), None)
        if key is None or key.carrier != carrier:
            raise KeyChangeRefused(path, "key-unknown", "this carrier has no key of this name")
        if any(gone.key_id == key_id for gone in admission.revoked):
            return ""
        at = now.astimezone(dt.UTC).replace(microsecond=0, tzinfo=None).isoformat()
        named = f"key_id = {toml_text(key_id)}\npublic_key = {toml_text(b64url_encode(key.public_key))}\n"
        return f"\n[[revoked]]\n{named}at = {at}Z\n"

    return _append(path, lines)


def _append(path: Path, lines: Callable[[Admission], str]) -> Change:
    """Append the lines to the file, if there are any."""
    made: list[str] = []

    def longer(raw: bytes) -> bytes:
        made.append(lines(parse(raw, path).admission))
        after = raw + (b"" if raw.endswith(b"\n") else b"\n") + made[0].encode("ascii") if made[0] else raw
        parse(after, path)
        return after

    change_file(path, longer)
    return Change(admission=load(path).admission, is_new=bool(made[0]))
