"""Signs an answer so that it answers exactly this request (RFC 9421 section 2.4)."""

from crypto.signing.content_digest import content_digest
from crypto.signing.http_message import SignedRequest, sign_response
from registry.usecases.authenticate import IncomingRequest
from registry.usecases.context import Registry


def sign_answer(
    registry: Registry,
    *,
    status: int,
    content_type: str,
    body: bytes,
    request: IncomingRequest,
    incarnation: int,
    log_entry: str | None = None,
) -> dict[str, str]:
    """Return the answer's headers; ``request`` is the authenticated one, with its headers as received.

    ``log_entry`` is the id of the entry that logs the reading which is answered.
    """
    return sign_response(
        status=status,
        content_type=content_type,
        content_digest=content_digest(body),
        request=SignedRequest(method=request.method, target_uri=request.target_uri, headers=request.headers),
        key_id=registry.keys.signing_key_id,
        private_key=registry.keys.signing_key,
        created=registry.clock(),
        incarnation=incarnation,
        log_entry=log_entry,
    )
