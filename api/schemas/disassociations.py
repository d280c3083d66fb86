"""Household rebuttals: what a counter files, and what is shown of it."""

from api.schemas.fields import Code, Day, Identifier, Items, Moment, Octets, Part, StrictSchema
from api.schemas.names import participant_id, rules_name
from api.schemas.tokens import SubjectTokensSchema
from protocol.codes import RebuttalGround
from registry.domain.disassociations import EVIDENCE_BYTES, RebuttalState
from registry.domain.subjects import HouseholdKind


class NewRebuttalSchema(StrictSchema):
    """Tokens of the subject and of at least one household that it does not belong to.

    ``evidence_digest`` is the SHA-256 of what the subject showed; the filer keeps that and produces it on demand.
    """

    tokens = Part(SubjectTokensSchema, required=True)
    ground = Code(RebuttalGround, required=True)
    evidence_digest = Octets(length=EVIDENCE_BYTES, required=True)


class RebuttalSchema(StrictSchema):
    """A rebuttal with its state today; it holds up to the day ``until``, which is not included."""

    rebuttal_id = Identifier(required=True)
    state = Code(RebuttalState, required=True)
    households = Items(Code(HouseholdKind), least=1, most=len(HouseholdKind), required=True)
    ground = Code(RebuttalGround, required=True)
    filed_by = participant_id(required=True)
    filed_at = Moment(required=True)
    until = Day(required=True)
    withdrawn_at = Moment(required=True, allow_none=True)
    rules_version = rules_name(required=True)
