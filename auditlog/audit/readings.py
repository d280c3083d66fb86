"""Each reading's purpose and agent against the request that an office signed: neither is made up, nor left out."""

from collections.abc import Mapping
from typing import Any, Final

from auditlog.openings import Opening
from crypto.signing.content_digest import agent_digest
from protocol import strict_json
from protocol.encodings import EncodingError, b64url_decode
from protocol.log_entries import READINGS
from protocol.readings import AGENT_BYTES, AGENT_DIGEST_HEADER, AGENT_SALT_BYTES, PURPOSE_HEADER, Agent, write_agent

_MISMATCH: Final = "reading-mismatch"


def reading_fault(opening: Opening, core: Mapping[str, Any]) -> str | None:
    """Compare an entry of a reading with its request; an agent that was erased is not compared."""
    request = opening.request
    if request is None or core["kind"] not in READINGS:
        return None
    if core["facts"].get("purpose") != _signed(request.signature_base, PURPOSE_HEADER):
        return _MISMATCH
    if opening.erased_by is not None:
        return None
    try:
        named = None if opening.personal is None else _agent(opening.personal)
    except (strict_json.StrictJsonError, EncodingError):
        return _MISMATCH
    digest = None if named is None else agent_digest(write_agent(named))
    return None if digest == _signed(request.signature_base, AGENT_DIGEST_HEADER) else _MISMATCH


def _agent(personal: bytes) -> Agent | None:
    """Read the agent of a personal part; raises StrictJsonError or EncodingError."""
    part = strict_json.load_object(personal, max_bytes=len(personal))
    if "agent" not in part and "agent_salt" not in part:
        return None
    reference, salt = str(part.get("agent")), str(part.get("agent_salt"))
    return Agent(
        reference=b64url_decode(reference, length=AGENT_BYTES), salt=b64url_decode(salt, length=AGENT_SALT_BYTES)
    )


def _signed(signature_base: bytes, header: str) -> str | None:
    """Return the value of a header that the signature covers (RFC 9421, section 2.5)."""
    prefix = f'"{header.lower()}": '.encode("ascii")
    for line in signature_base.split(b"\n"):
        if line.startswith(prefix):
            return line.removeprefix(prefix).decode("ascii", "replace")
    return None
