"""Names that several parties write, and their one form."""

from typing import Final

PARTICIPANT_ID: Final = "[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?"
"""A participant's short lower-case name, at the registry and in what a custodian counts."""
MAX_KEY_ID: Final = 64
KEY_ID: Final = f"[A-Za-z0-9._:-]{{1,{MAX_KEY_ID}}}"
"""The name of a signing key; crypto.signing.keys reads the same, and imports nothing of ours."""


MAX_URL: Final = 500
UUID_PATTERN: Final = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
RULES_NAME: Final = "[A-Za-z0-9._-]{1,32}"
VISIBLE: Final = "[!-~]+"
"""Visible ASCII: a sender's own reference, echoed back to it."""
REFERENCE: Final = "[A-Za-z0-9_-]{16,64}"
IDEMPOTENCY_KEY: Final = "[A-Za-z0-9._:-]{1,128}"
MONTH: Final = "[2-9][0-9]{3}-(?:0[1-9]|1[0-2])"
WITNESS_NAME: Final = "[!-*,-~]{1,255}"
"""Visible ASCII without plus, which is no part of a key name (c2sp.org/signed-note)."""
BASE64URL: Final = "[A-Za-z0-9_-]+"
COMPACT_JWS: Final = r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"
MAX_JWS: Final = 4096
PLACE_CODE: Final = "[A-Z0-9][A-Z0-9._-]{0,31}"
TARIFF: Final = "[A-Z0-9._-]{1,16}"
"""A carrier's own code of a tariff."""
CONSENT_TEXT: Final = "[a-z0-9.-]{1,16}"
MAX_ROW_ID: Final = 64
MAX_DEALER: Final = 32
MAX_COUNT: Final = 2**31 - 1
"""More than any count, and the largest number of a column."""
