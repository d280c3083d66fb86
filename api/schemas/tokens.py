"""The pseudonyms of one person or firm."""

from typing import Final

from api.schemas.fields import Octets, StrictSchema, Whole
from protocol.messages.inquiries import TOKEN_BYTES

MAX_EPOCH: Final = 2**31 - 1


class SubjectTokensSchema(StrictSchema):
    """Group elements N = k*H(x) of one key epoch; household keys only where the debtor has them."""

    epoch = Whole(least=1, most=MAX_EPOCH, required=True)
    subject = Octets(length=TOKEN_BYTES, required=True)
    household_register = Octets(length=TOKEN_BYTES)
    household_address = Octets(length=TOKEN_BYTES)
