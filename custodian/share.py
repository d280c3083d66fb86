"""Reads and writes a dealer's share file: one part of a key that the dealer knew, for demonstrations and tests.

Shares that custodians made in a ceremony have files of another form (``custodian.committee_share``).
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from crypto.envelope.provider import UNSEALED, KeyProvider
from crypto.errors import CryptoRefusal, SealBroken
from crypto.oprf import group
from protocol import strict_json
from protocol.encodings import EncodingError, b64url_decode, b64url_encode, canonical_json
from serving.files import read_private, write_new

SHARE: Final = "custodian-share"
"""The purpose under which a dealer's share is sealed."""
SIGNING_KEY: Final = "custodian-signing-key"
"""The purpose under which a custodian's signing key is sealed."""
_KEYS: Final = {"index", "epoch", "sk", "pk", "joint_public_key"}
_DEALT: Final = "dealt"
"""True in every file; those of earlier releases leave it out."""
_MAX_BYTES: Final = 4096


class ShareFileBad(Exception):
    """A share file is unsafe or malformed; the message names the file and never its content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldShare:
    """A share as its dealer leaves it: ``sk`` = the polynomial at ``index``, ``pk`` = sk * G."""

    index: int
    epoch: int
    sk: bytes = field(repr=False)
    pk: bytes
    joint_public_key: bytes


def save_share(path: Path, share: HeldShare, *, provider: KeyProvider = UNSEALED) -> None:
    """Write a new share file with mode 0600, sealed by the provider; an existing file is never overwritten."""
    document = {
        _DEALT: True,
        "index": share.index,
        "epoch": share.epoch,
        "sk": b64url_encode(share.sk),
        "pk": b64url_encode(share.pk),
        "joint_public_key": b64url_encode(share.joint_public_key),
    }
    write_new(path, provider.seal(canonical_json(document) + b"\n", purpose=SHARE))


def load_share(path: Path, *, provider: KeyProvider = UNSEALED) -> HeldShare:
    """Read a share file; refuse one that others may read, or whose public and secret keys are not a pair.

    The provider opens it. Raises ShareFileBad.
    """
    try:
        raw = provider.open(read_private(path, _MAX_BYTES), purpose=SHARE)
    except OSError as trouble:
        raise ShareFileBad(f"{path}: cannot be read ({trouble.strerror})") from None
    except SealBroken as broken:
        raise ShareFileBad(f"{path}: {broken}") from None
    share = _parse(path, raw)
    try:
        agrees = group.multiply_base(share.sk) == share.pk
        group.check_element(share.joint_public_key)
    except CryptoRefusal:
        agrees = False
    if not agrees:
        raise ShareFileBad(f"{path}: the keys in it are not a pair")
    return share


def _parse(path: Path, raw: bytes) -> HeldShare:
    try:
        document = strict_json.loads(raw, max_bytes=_MAX_BYTES)
        if not isinstance(document, dict) or document.pop(_DEALT, True) is not True or set(document) != _KEYS:
            raise ShareFileBad(f"{path}: needs exactly the keys {', '.join(sorted({*_KEYS, _DEALT}))}")
        index, epoch = document["index"], document["epoch"]
        if type(index) is not int or type(epoch) is not int or index < 1 or epoch < 1:
            raise ShareFileBad(f"{path}: index and epoch must be positive integers")
        return HeldShare(
            index=index,
            epoch=epoch,
            sk=b64url_decode(document["sk"], length=32),
            pk=b64url_decode(document["pk"], length=32),
            joint_public_key=b64url_decode(document["joint_public_key"], length=32),
        )
    except (strict_json.StrictJsonError, EncodingError, TypeError) as trouble:
        raise ShareFileBad(f"{path}: is not a share file ({type(trouble).__name__})") from None
