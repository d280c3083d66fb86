"""An office's references of its staff, under the key that only the office has."""

from pathlib import Path
from typing import Final

from cli.outcome import Failure
from crypto.references import Named, NameInvalid, References
from protocol.encodings import EncodingError, b64url_decode
from serving.files import read_private

KEY_BYTES: Final = 32
_MAX_KEY_FILE: Final = 128


def agent_reference(key: Path, number: str) -> bytes:
    """Make the reference (16 bytes) of a staff number; raises Failure, which never repeats the number."""
    references = References(_load_key(key))
    try:
        return references.of(Named.AGENT, number)
    except NameInvalid:
        raise Failure("the agent is not 1 to 64 printable characters") from None


def _load_key(path: Path) -> bytes:
    try:
        return b64url_decode(read_private(path, _MAX_KEY_FILE).decode("ascii").strip(), length=KEY_BYTES)
    except OSError as trouble:
        raise Failure(f"{path}: cannot read the key file: {trouble.strerror}") from None
    except (EncodingError, UnicodeDecodeError):
        raise Failure(f"{path}: is not 32 bytes in base64url") from None
