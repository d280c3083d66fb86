"""Lists every refusal that crypto/ can give; no refusal repeats the refused value."""

from typing import Final, Literal

SignatureFault = Literal["missing", "malformed", "stale", "invalid", "digest"]
TlogFault = Literal[
    "malformed",  # not the one canonical form
    "too-large",  # longer than the format or we allow
    "out-of-range",  # an index, a size or a tile that the tree does not have
    "proof-invalid",  # the hashes do not lead to the root
    "tile-invalid",  # a tile or bundle is not the one that the root commits to
    "origin-unknown",  # a checkpoint of another log
    "no-known-signature",  # nobody we know signed
    "signature-invalid",  # somebody we know did not sign this
    "signature-repeated",  # one key, two lines
    "time-refused",  # a cosignature from the future, or from beyond the format
    "old-above-new",  # a proof from a larger tree to a smaller one
    "stale",  # not from the size that the witness holds
    "fork",  # two roots for one size
    "quorum-missing",  # too few witnesses
    "policy-unsound",  # a quorum under which two forks can both be witnessed
]


class CryptoRefusal(Exception):
    """An input from outside is refused; the message is safe to log and to send."""


class BadElement(CryptoRefusal):
    """The bytes are not the canonical encoding of a ristretto255 element, or are the identity (RFC 9497, 2.1)."""


class BadScalar(CryptoRefusal):
    """The bytes are not a 32-byte scalar in [1, L - 1] (RFC 9496, section 4.4)."""


class BadInput(CryptoRefusal):
    """A private input, seed, info or batch is longer than the specification allows, or a batch is empty."""


class BadThreshold(CryptoRefusal):
    """A threshold, share indexes or shares cannot work together."""


class SharesDisagree(BadThreshold):
    """The custodians' public keys are not shares of the one joint public key."""


class ShareRefused(CryptoRefusal):
    """A part of a share is not the committed value, or a sealed one does not open."""


class PossessionUnproven(CryptoRefusal):
    """A dealer does not prove that it knows the constant it committed to."""


class ProofInvalid(CryptoRefusal):
    """An evaluation was not computed with the pinned key.

    `index` is the share at fault, if the caller named a share.
    """

    def __init__(self, message: str, *, index: int | None = None) -> None:
        super().__init__(message if index is None else f"share {index}: {message}")
        self.index: Final = index


class SignatureRefused(CryptoRefusal):
    """A signature is missing, malformed, stale or invalid, or it covers another body (`code` says which)."""

    def __init__(self, code: SignatureFault, message: str) -> None:
        super().__init__(message)
        self.code: Final = code


class TlogRefused(CryptoRefusal):
    """A tile, proof, note, checkpoint or cosignature of a transparency log is not acceptable (`code` says why)."""

    def __init__(self, code: TlogFault, message: str) -> None:
        super().__init__(message)
        self.code: Final = code


class SealBroken(CryptoRefusal):
    """A sealed value was altered, moved to another row, or sealed under another key."""


class BadKey(CryptoRefusal):
    """A key has the wrong length or is unsafe."""


class KeyFileBad(CryptoRefusal):
    """A key file cannot be trusted or read; the message names the file, never its content."""


class LibsodiumMissing(Exception):
    """This machine has no usable libsodium; the message is one line that names the package to install."""
