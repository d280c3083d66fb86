"""Reads and writes a party's secrets of one ceremony, as the bytes that a provider seals."""

from dataclasses import dataclass, field
from typing import Annotated, Final

from ceremony.party import PartySecrets
from crypto.dkg.polynomial import Polynomial
from crypto.dkg.sealing import SealingKey, public_half
from crypto.envelope.provider import KeyProvider
from crypto.errors import SealBroken
from protocol import strict_json
from protocol.encodings import canonical_json
from protocol.messages.ceremonies import MAX_MEMBERS
from protocol.wire.codec import Malformed, read, write
from protocol.wire.fields import HexDigest, Octets32, ParticipantId
from protocol.wire.kinds import Items

MAX_BYTES: Final = 16 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    ceremony: HexDigest
    party: ParticipantId
    coefficients: Annotated[tuple[Octets32, ...], Items(least=0, most=MAX_MEMBERS)] = field(repr=False)
    sealing_keys: Annotated[tuple[Octets32, ...], Items(least=0, most=MAX_MEMBERS)] = field(repr=False)


def seal_secrets(secrets: PartySecrets, provider: KeyProvider) -> bytes:
    """Write and seal a party's secrets."""
    kept = _Kept(
        ceremony=secrets.ceremony,
        party=secrets.party,
        coefficients=() if secrets.polynomial is None else secrets.polynomial.coefficients,
        sealing_keys=tuple(each.private_key for each in secrets.sealing_keys),
    )
    return provider.seal(canonical_json(write(kept)) + b"\n", purpose=purpose_of(secrets.ceremony))


def open_secrets(sealed: bytes, provider: KeyProvider, *, ceremony: str, party: str) -> PartySecrets:
    """Open and read the secrets of this ceremony and party; raises SealBroken."""
    purpose = purpose_of(ceremony)
    try:
        kept = read(_Kept, strict_json.load_object(provider.open(sealed, purpose=purpose), max_bytes=MAX_BYTES))
    except (strict_json.StrictJsonError, Malformed):
        raise SealBroken(f"{purpose} are not readable") from None
    if (kept.ceremony, kept.party) != (ceremony, party):
        raise SealBroken(f"{purpose} are those of another ceremony")
    return PartySecrets(
        ceremony=ceremony,
        party=party,
        polynomial=Polynomial(coefficients=kept.coefficients) if kept.coefficients else None,
        sealing_keys=tuple(SealingKey(private_key=each, public_key=public_half(each)) for each in kept.sealing_keys),
    )


def purpose_of(ceremony: str) -> str:
    """Return the purpose for which a ceremony's secrets are sealed."""
    return f"ceremony-secrets {ceremony}"
