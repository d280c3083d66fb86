"""The red list: proposals, and entries with their approvals."""

from api.schemas.fields import Code, Day, Identifier, Items, Moment, Part, StrictSchema, YesNo
from api.schemas.names import participant_id, rules_name
from api.schemas.tokens import SubjectTokensSchema
from protocol.codes import RedListGround
from protocol.messages.red_list import APPROVALS_NEEDED
from protocol.states import RedListState


class RedListProposalSchema(StrictSchema):
    """An organisation for the red list; ``organisation`` is the sender's word that it is one and has to be true.

    ``expires_on`` is the first day on which the entry no longer holds.
    """

    tokens = Part(SubjectTokensSchema, required=True)
    organisation = YesNo(required=True)
    ground = Code(RedListGround, required=True)
    expires_on = Day(required=True)


class RedListApprovalSchema(StrictSchema):
    """One participant's consent."""

    participant_id = participant_id(required=True)
    approved_at = Moment(required=True)


class RedListEntrySchema(StrictSchema):
    """An entry of the red list with its state today; no pseudonym is in it."""

    entry_id = Identifier(required=True)
    state = Code(RedListState, required=True)
    ground = Code(RedListGround, required=True)
    proposed_by = participant_id(required=True)
    proposed_at = Moment(required=True)
    expires_on = Day(required=True)
    rules_version = rules_name(required=True)
    approvals = Items(Part(RedListApprovalSchema), least=0, most=APPROVALS_NEEDED, required=True)
    revoked_at = Moment(required=True, allow_none=True)
