"""What a regulator orders, an adjudicator finds and an auditor opens."""

from marshmallow import fields

from api.schemas.fields import Code, Day, Identifier, Moment, Octets, StrictSchema
from api.schemas.names import participant_id
from api.schemas.settlements import SHA256_BYTES
from api.schemas.steps import VersionedSchema
from registry.domain.life import CLOSED_STATES


class OrderSchema(VersionedSchema):
    """An order on a record.

    ``order_reference`` is the SHA-256 of the order itself, which the regulator keeps; with ``expected_version`` only if
    nobody changed the record meanwhile.
    """

    order_reference = Octets(length=SHA256_BYTES, required=True)


class FindingSchema(VersionedSchema):
    """An adjudicator's finding that an identity was stolen.

    ``finding_digest`` is the SHA-256 of the finding itself, which the adjudicator keeps; with ``expected_version`` only
    if nobody changed the record meanwhile.
    """

    finding_digest = Octets(length=SHA256_BYTES, required=True)


class SealedRecordSchema(StrictSchema):
    """A sealed record, opened: every row that there was, by table and without the pseudonym."""

    record_id = Identifier(required=True)
    creditor = participant_id(required=True)
    state = Code(sorted(CLOSED_STATES), required=True)
    listed_on = Day(required=True)
    closed_at = Moment(required=True)
    sealed_at = Moment(required=True)
    purge_on = Day(required=True)
    tables = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.Dict(keys=fields.String())),
        required=True,
        metadata={"description": "Bytes are hexadecimal. Documents were destroyed when the record was sealed."},
    )
