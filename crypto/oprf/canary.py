"""Defines the canary of a key epoch: a public input whose token shows that shares, pins and code still agree.

It belongs to nobody, so that its token may be known to all.
"""

from typing import Final

from crypto.errors import BadInput
from crypto.oprf.suite import Mode, hash_to_group

_INPUT: Final = b"clearline/canary/v1\n"


def canary_input(epoch: int) -> bytes:
    """Return the input of an epoch's canary: a tag and the epoch in decimal digits."""
    if epoch < 1:
        raise BadInput("an epoch is a positive number")
    return _INPUT + str(epoch).encode("ascii")


def canary_element(epoch: int) -> bytes:
    """Return H(canary) of an epoch, which custodians evaluate as it stands, without a blind."""
    return hash_to_group(canary_input(epoch), Mode.VOPRF)
