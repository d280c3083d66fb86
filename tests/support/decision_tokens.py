"""Look into decision tokens, as a carrier may."""

import json
from typing import Any

from protocol.encodings import b64url_decode


def payload_of(token: str) -> bytes:
    """The signed bytes of a token."""
    return b64url_decode(token.split(".")[1])


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a token."""
    return json.loads(payload_of(token))
