"""The operator's word that a registry's clock is right: a compact JWS over one canonical JSON object.

It never crosses the network: a request that is signed with a wrong clock is stale. The operator signs it at a clock of
its own, and it is applied on the registry's machine.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from protocol import strict_json
from protocol.encodings import EncodingError, b64url_decode, canonical_json, format_time, parse_moment

CLOCK_WORD_TYPE: Final = "clearline-clock+jws"
NONCE_BYTES: Final = 16
_MEMBERS: Final = frozenset({"v", "registry", "time", "nonce"})
_MAX_BYTES: Final = 4_096


class ClockWordMalformed(ValueError):
    """A malformed clock word; the input is not repeated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockWord:
    """``registry`` is its public URL; ``nonce`` (unpadded base64url of 16 bytes) makes each word unique."""

    registry: str
    time: dt.datetime
    nonce: str


def clock_payload(word: ClockWord) -> bytes:
    """Write the payload that the operator signs."""
    return canonical_json({"v": 1, "registry": word.registry, "time": format_time(word.time), "nonce": word.nonce})


def read_clock_word(payload: bytes) -> ClockWord:
    """Read the word whose payload is exactly these bytes; raises ClockWordMalformed."""
    try:
        document: dict[str, Any] = strict_json.load_object(payload, max_bytes=_MAX_BYTES, max_depth=1)
        if document.keys() != _MEMBERS:
            raise ClockWordMalformed
        texts = [document[each] for each in ("registry", "time", "nonce")]
        if not all(isinstance(each, str) for each in texts):
            raise ClockWordMalformed
        b64url_decode(document["nonce"], length=NONCE_BYTES)
        word = ClockWord(registry=texts[0], time=parse_moment(texts[1]), nonce=texts[2])
        written = clock_payload(word)
    except (strict_json.StrictJsonError, EncodingError):
        raise ClockWordMalformed from None
    if written != payload:
        raise ClockWordMalformed
    return word
