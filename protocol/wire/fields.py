"""Name the members that many messages have, each with its bounds: amounts, counts, names, references."""

from typing import Annotated

from protocol.encodings import MAX_DEBT_FEN, MAX_FEN, MAX_JSON_INTEGER
from protocol.names import (
    COMPACT_JWS,
    KEY_ID,
    MAX_COUNT,
    MAX_DEALER,
    MAX_JWS,
    MAX_KEY_ID,
    MAX_ROW_ID,
    PARTICIPANT_ID,
    REFERENCE,
    RULES_NAME,
    VISIBLE,
)
from protocol.wire.kinds import Octets, Text, Whole

Count = Annotated[int, Whole(least=0, most=MAX_COUNT)]
Fen = Annotated[int, Whole(least=0, most=MAX_FEN)]
DebtFen = Annotated[int, Whole(least=0, most=MAX_DEBT_FEN)]
"""The principal or the costs of one record."""
ParticipantId = Annotated[str, Text(PARTICIPANT_ID, most=64)]
KeyId = Annotated[str, Text(KEY_ID, most=MAX_KEY_ID)]
RowId = Annotated[str, Text(VISIBLE, most=MAX_ROW_ID)]
RulesName = Annotated[str, Text(RULES_NAME, most=32)]
Jws = Annotated[str, Text(COMPACT_JWS, least=5, most=MAX_JWS)]
Octets16 = Annotated[bytes, Octets(16)]
"""A keyed reference that only its carrier can make: of an order, a member of staff, a consent."""
Octets32 = Annotated[bytes, Octets(32)]
"""A SHA-256, a keyed reference, a group element or a public key."""
HexDigest = Annotated[str, Text("[0-9a-f]{64}", least=64, most=64)]
"""A SHA-256 in hexadecimal."""
Reference = Annotated[str, Text(REFERENCE, least=16, most=64)]
"""An unguessable name of a quote."""
Dealer = Annotated[str, Text(VISIBLE, most=MAX_DEALER)]
Sum = Annotated[int, Whole(least=0, most=MAX_JSON_INTEGER)]
"""Fen, or a count, added up over many."""
