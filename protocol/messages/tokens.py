"""Pseudonyms of one person or firm, as a gateway makes them."""

from dataclasses import dataclass, field
from typing import Annotated, Final

from protocol.messages.limits import MAX_EPOCH
from protocol.values import quick
from protocol.wire.fields import Octets32
from protocol.wire.kinds import Whole

TOKEN_BYTES: Final = 32


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectTokens:
    """Group elements N = k*H(x) of one key epoch; household keys only where the debtor has them."""

    epoch: Annotated[int, Whole(least=1, most=MAX_EPOCH)]
    subject: Octets32 = field(repr=False)
    household_register: Octets32 | None = field(default=None, repr=False)
    household_address: Octets32 | None = field(default=None, repr=False)
