"""Participants, their roles and their signing keys."""

from api.schemas.fields import (
    Code,
    Items,
    Moment,
    Octets,
    Part,
    PlainText,
    StrictSchema,
    WholeInQuery,
)
from api.schemas.names import key_id, participant_id
from protocol.codes import Role

PUBLIC_KEY_BYTES = 32
MAX_PAGE = 500


class NewParticipantSchema(StrictSchema):
    """A participant with its first key; ``contact`` tells a debtor how to pay or dispute."""

    participant_id = participant_id(required=True)
    name = PlainText(most=200, required=True)
    roles = Items(Code(Role), least=1, most=len(Role), required=True)
    contact = PlainText(most=500)
    key_id = key_id(required=True)
    public_key = Octets(length=PUBLIC_KEY_BYTES, required=True)


class NewKeySchema(StrictSchema):
    """A further Ed25519 public key."""

    key_id = key_id(required=True)
    public_key = Octets(length=PUBLIC_KEY_BYTES, required=True)


class ParticipantKeySchema(StrictSchema):
    """A signing key; ``revoked_at`` is null while it is good."""

    key_id = key_id(required=True)
    public_key = Octets(length=PUBLIC_KEY_BYTES, required=True)
    added_at = Moment(required=True)
    revoked_at = Moment(required=True, allow_none=True)


class ParticipantSchema(StrictSchema):
    """A participant as every other one sees it."""

    participant_id = participant_id(required=True)
    name = PlainText(most=200, required=True)
    roles = Items(Code(Role), least=1, most=len(Role), required=True)
    contact = PlainText(most=500, required=True, allow_none=True)
    created_at = Moment(required=True)
    left_at = Moment(required=True, allow_none=True)
    keys = Items(Part(ParticipantKeySchema), least=0, most=10_000, required=True)


class PageQuerySchema(StrictSchema):
    """Where a page begins (after this id) and how long it is."""

    after = participant_id()
    limit = WholeInQuery(least=1, most=MAX_PAGE, load_default=100)


class ParticipantPageSchema(StrictSchema):
    """A page of participants; ``next`` is what to pass as ``after``, null on the last page."""

    participants = Items(Part(ParticipantSchema), least=0, most=MAX_PAGE, required=True)
    next = participant_id(required=True, allow_none=True)
