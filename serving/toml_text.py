"""Writes values as TOML, for settings that a program adds to."""

import json

from protocol.encodings import b64url_encode


def toml_text(value: str | bytes) -> str:
    """Write a TOML basic string, bytes in base64url; JSON's escapes are a part of TOML's."""
    return json.dumps(b64url_encode(value) if isinstance(value, bytes) else value)
