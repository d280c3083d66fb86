"""Seals secrets at rest under a passphrase: scrypt (RFC 7914) derives a key, AES-256-GCM seals with it.

A sealed file is one line of canonical JSON. Its parameters and salt stand in it, so that a later release can raise the
cost and still open older files; its suite stands in it and in the associated data, beside the purpose. A second suite
is a second form of the line.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from crypto.envelope.provider import SEALED_MARK
from crypto.errors import BadInput, BadKey, SealBroken

SUITE: Final = "scrypt+AES-256-GCM"
LEAST_PASSPHRASE_BYTES: Final = 15
"""NIST SP 800-63B-4 asks for 15 characters where nothing but a password guards: a thief of the disk guesses offline."""
MAX_PASSPHRASE_BYTES: Final = 1024
MAX_SECRET_BYTES: Final = 65_536
_MAX_SEALED_BYTES: Final = 2 * MAX_SECRET_BYTES
_KEY_BYTES: Final = 32
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_VERSION: Final = b"clearline/custody/v1\n"

_LEAST_N: Final = 2**14
_LEAST_R: Final = 8
_MOST_N_TIMES_R: Final = 2**21
"""scrypt takes 128 * n * r bytes: 256 MiB at most."""
_MOST_WORK: Final = 2**22
"""The bound of n * r * p: about two seconds on one core."""

_TEXT: Final = rb'"([A-Za-z0-9_-]+)"'
_NUMBER: Final = rb"([1-9][0-9]{0,7})"
_FORM: Final = re.compile(
    re.escape(SEALED_MARK)
    + rb'\{"ciphertext":%b,"n":%b,"nonce":%b,"p":%b,"r":%b,"salt":%b,"suite":"%b"\}\}\n'
    % (_TEXT, _NUMBER, _TEXT, _NUMBER, _NUMBER, _TEXT, re.escape(SUITE.encode("ascii")))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The parameters of scrypt (RFC 7914, section 2): memory is 128 * n * r bytes, and time grows with n * r * p."""

    n: int
    r: int
    p: int


USUAL_COST: Final = Cost(n=2**17, r=8, p=1)
"""128 MiB and about 0.4 s for a guess (OWASP Password Storage Cheat Sheet, 2025)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """The members of a sealed file; none of them is secret."""

    cost: Cost
    salt: bytes
    nonce: bytes
    ciphertext: bytes = field(repr=False)


class PassphraseProvider:
    """Seals and opens under one passphrase (15 to 1024 bytes); raises BadKey for another length.

    It derives once for each salt and keeps the key: all that it seals has one salt. `random` gives salt and nonces.
    Threads may share it.
    """

    def __init__(self, passphrase: bytes, random: Callable[[int], bytes], *, cost: Cost = USUAL_COST) -> None:
        if not LEAST_PASSPHRASE_BYTES <= len(passphrase) <= MAX_PASSPHRASE_BYTES:
            raise BadKey(f"a passphrase has {LEAST_PASSPHRASE_BYTES} to {MAX_PASSPHRASE_BYTES} bytes")
        self._passphrase: Final = passphrase
        self._random: Final = random
        self._cost: Final = cost
        self._salt: Final = random(_SALT_BYTES)
        self._keys: Final[dict[tuple[Cost, bytes], bytes]] = {}
        self._lock: Final = Lock()

    def seal(self, secret: bytes, *, purpose: str) -> bytes:
        """Return the line to write in place of the secret; raises BadInput for more than 64 KiB."""
        if len(secret) > MAX_SECRET_BYTES:
            raise BadInput(f"a secret that is sealed has at most {MAX_SECRET_BYTES} bytes")
        nonce = self._random(_NONCE_BYTES)
        ciphertext = self._cipher(self._cost, self._salt, purpose).encrypt(nonce, secret, _associated_data(purpose))
        return _written(_Line(cost=self._cost, salt=self._salt, nonce=nonce, ciphertext=ciphertext))

    def open(self, sealed: bytes, *, purpose: str) -> bytes:
        """Return the secret that was sealed for this purpose.

        Raises SealBroken also for a secret that is not sealed: whoever set a passphrase relies on it.
        """
        if not sealed.startswith(SEALED_MARK):
            raise SealBroken(f"the {purpose} is not sealed, and a passphrase is set: `custody seal` seals it")
        line = _read(sealed, purpose)
        try:
            return self._cipher(line.cost, line.salt, purpose).decrypt(
                line.nonce, line.ciphertext, _associated_data(purpose)
            )
        except InvalidTag:
            raise SealBroken(
                f"the {purpose} does not open: it was sealed under another passphrase or purpose, or altered"
            ) from None

    def _cipher(self, cost: Cost, salt: bytes, purpose: str) -> AESGCM:
        _check_cost(cost, purpose)
        with self._lock:  # two threads would need the memory twice
            key = self._keys.get((cost, salt))
            if key is None:
                scrypt = Scrypt(salt=salt, length=_KEY_BYTES, n=cost.n, r=cost.r, p=cost.p)
                key = self._keys[cost, salt] = scrypt.derive(self._passphrase)
        return AESGCM(key)


def _associated_data(purpose: str) -> bytes:
    return _VERSION + SUITE.encode("ascii") + b"\n" + purpose.encode("utf-8")


def _check_cost(cost: Cost, purpose: str) -> None:
    is_power = cost.n & (cost.n - 1) == 0
    is_dear_enough = cost.n >= _LEAST_N and cost.r >= _LEAST_R and cost.p >= 1
    is_bearable = cost.n * cost.r <= _MOST_N_TIMES_R and cost.n * cost.r * cost.p <= _MOST_WORK
    if not (is_power and is_dear_enough and is_bearable):
        raise SealBroken(f"the {purpose} has parameters of scrypt that are out of bounds")


def _written(line: _Line) -> bytes:
    members = {
        "ciphertext": _b64url(line.ciphertext),
        "n": line.cost.n,
        "nonce": _b64url(line.nonce),
        "p": line.cost.p,
        "r": line.cost.r,
        "salt": _b64url(line.salt),
        "suite": SUITE,
    }
    return SEALED_MARK + json.dumps(members, sort_keys=True, separators=(",", ":")).encode("ascii") + b"}\n"


def _read(sealed: bytes, purpose: str) -> _Line:
    """Read the one form that `_written` gives; nothing of it is repeated in a refusal."""
    parts = _FORM.fullmatch(sealed) if len(sealed) <= _MAX_SEALED_BYTES else None
    if parts is not None:
        ciphertext, n, nonce, p, r, salt = parts.groups()
        line = _Line(
            cost=Cost(n=int(n), r=int(r), p=int(p)),
            salt=_decoded(salt),
            nonce=_decoded(nonce),
            ciphertext=_decoded(ciphertext),
        )
        if (len(line.salt), len(line.nonce)) == (_SALT_BYTES, _NONCE_BYTES) and _written(line) == sealed:
            return line
    raise SealBroken(f"the {purpose} is no sealed file of a form that is known here, or was cut off")


def _b64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")


def _decoded(text: bytes) -> bytes:
    """Decode base64url; what is none gives no bytes, and is found when the line is written again."""
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return b""
