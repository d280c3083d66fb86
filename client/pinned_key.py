"""Verifies that an answer was signed under the registry's pinned key, for the request that it answers."""

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from client.errors import RegistryAnswerBroken
from client.peer import Answer
from crypto.errors import SignatureRefused
from crypto.signing import http_message

NDJSON: Final = "application/x-ndjson"
_REDIRECTION: Final = 300
_UNSIGNED: Final = frozenset({400, 401, 408, 411, 413, 414, 429, 431, 500, 502, 503, 504})
"""Refusals that may be unsigned: from a registry that does not know the sender, or from its front proxy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedKey:
    """The one key under which this caller believes the registry."""

    key_id: str
    public_key: Ed25519PublicKey = field(repr=False)

    def verify(self, answer: Answer, *, now: dt.datetime, streams: bool) -> None:
        """Raise RegistryAnswerBroken for an answer that is not the registry's own to this very request.

        Every success is signed, but for a stream where one was asked for (``streams``), since a stream has no digest
        before its end; so is every refusal of a sender whom the registry knows.
        """
        if "Signature" not in answer.headers:
            is_stream = streams and answer.status < _REDIRECTION and answer.media_type == NDJSON
            if not is_stream and answer.status not in _UNSIGNED:
                raise RegistryAnswerBroken("the registry's answer is not signed", "answer-unsigned")
            return
        try:
            verified = http_message.verify_response(
                status=answer.status,
                headers=dict(answer.headers),
                request=answer.request,
                public_key=self.public_key,
                now=now,
            )
            http_message.verify_content_digest(verified.content_digest, hashlib.sha256(answer.body).digest())
        except SignatureRefused as refused:
            what = f"the registry's signature does not verify: {refused.code}"
            raise RegistryAnswerBroken(what, "answer-signature") from None
        if verified.key_id != self.key_id:
            what = "the registry signed with another key than the pinned one"
            raise RegistryAnswerBroken(what, "answer-signature")
