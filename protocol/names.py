"""Names that several parties write, and their one form."""

from typing import Final

PARTICIPANT_ID: Final = "[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?"
"""A participant's short lower-case name, at the registry and in what a custodian counts."""
KEY_ID: Final = "[A-Za-z0-9._:-]{1,64}"
"""The name of a participant's signing key."""


MAX_URL: Final = 500
