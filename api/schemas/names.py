"""Names and bounds that appear in bodies, paths and headers alike, each written once."""

from typing import Any, Final

from api.schemas.fields import Text
from protocol.messages.inquiries import MAX_ROW_ID
from protocol.messages.records import MAX_DEALER
from protocol.names import KEY_ID, PARTICIPANT_ID

REFERENCE: Final = "[A-Za-z0-9_-]{16,64}"
IDEMPOTENCY_KEY: Final = "[A-Za-z0-9._:-]{1,128}"
UUID: Final = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
RULES_NAME: Final = "[A-Za-z0-9._-]{1,32}"
MONTH: Final = "[2-9][0-9]{3}-(?:0[1-9]|1[0-2])"
WITNESS_NAME: Final = "[!-*,-~]{1,255}"
"""Visible ASCII without plus, which is no part of a key name (c2sp.org/signed-note)."""
VISIBLE: Final = "[!-~]+"
"""Visible ASCII: a sender's own reference, echoed back to it."""
COMPACT_JWS: Final = r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"
MAX_JWS: Final = 4096
MAX_COUNT: Final = 2**31 - 1
"""More than anything that is counted one by one, and what a column holds."""


def participant_id(**options: Any) -> Text:
    """A participant's short lower-case name."""
    return Text(PARTICIPANT_ID, most=64, **options)


def key_id(**options: Any) -> Text:
    """The name of a signing key."""
    return Text(KEY_ID, most=64, **options)


def row_id(**options: Any) -> Text:
    """The sender's own name of a row or an inquiry."""
    return Text(VISIBLE, most=MAX_ROW_ID, **options)


def dealer(**options: Any) -> Text:
    """The code of the dealer that opened the line."""
    return Text(VISIBLE, most=MAX_DEALER, **options)


def jws(**options: Any) -> Text:
    """A compact JWS."""
    return Text(COMPACT_JWS, least=5, most=MAX_JWS, **options)


def rules_name(**options: Any) -> Text:
    """The name of a version of the rules."""
    return Text(RULES_NAME, most=32, **options)
