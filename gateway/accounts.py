"""Account numbers leave the carrier only as references that nobody else can compute."""

import hmac
from typing import Final

_DOMAIN: Final = b"clearline/account-ref/v1\n"


def account_ref(account: str, key: bytes) -> bytes:
    """HMAC-SHA-256 of the account number under the carrier's own key, 32 bytes; ``account`` is as billing writes it."""
    return hmac.digest(key, _DOMAIN + account.strip().encode("utf-8"), "sha256")
