"""The general library for HTTP signatures, held to our profile: an oracle for the tests, a peer for the benchmark."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import http_message_signatures as library
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures.algorithms import ED25519


@dataclass
class Message:
    """The attributes that the library reads."""

    method: str
    url: str
    headers: dict[str, str]


@dataclass
class AnswerMessage:
    """The same of an answer."""

    status_code: int
    headers: dict[str, str]
    request: Message


class Timeless(library.HTTPMessageVerifier):
    """The library's verifier without its wall clock."""

    def validate_created_and_expires(self, sig_input: object, max_age: timedelta | None = None) -> None:
        """Leave the time alone."""


def sign_by_library(
    key: Ed25519PrivateKey, message: Message | AnswerMessage, components: list[str], *, at: datetime, nonce: str
) -> None:
    """Sign in place under the name k-1, as a participant does that uses a general library."""
    signer = library.HTTPMessageSigner(
        signature_algorithm=ED25519,
        key_resolver=library.MappingKeyResolver(private_keys={"k-1": key}, public_keys={}),
    )
    signer.sign(
        message,
        key_id="k-1",
        created=at,
        nonce=nonce,
        label="clearline",
        tag="clearline-v1",
        covered_component_ids=components,
        use_existing_digest=True,
    )
