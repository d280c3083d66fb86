"""Every operation and every role: who is let in and who is told 403."""

import pytest

from protocol.codes import Role
from tests.api.client import Client, problem

ID = "01900000-0000-7000-8000-000000000000"
PLACES = {
    "createInquiry": ("POST", "/v1/inquiries"),
    "createInquiryBatch": ("POST", "/v1/inquiries/batch"),
    "readQuote": ("GET", "/v1/quotes/0123456789abcdefghijkl"),
    "reportRecord": ("POST", "/v1/records"),
    "reportRecordBatch": ("POST", "/v1/record-batches"),
    "readRecordBatch": ("GET", "/v1/record-batches/nothing"),
    "readRecord": ("GET", f"/v1/records/{ID}"),
    "withdrawRecord": ("POST", f"/v1/records/{ID}/withdrawal"),
    "withdrawRecords": ("POST", "/v1/withdrawals"),
    "withdrawRecordBatch": ("POST", "/v1/record-batches/nothing/withdrawal"),
    "confirmRecords": ("POST", "/v1/records/confirmations"),
    "confirmTakeOuts": ("POST", "/v1/take-outs/confirmation"),
    "readTakeOuts": ("GET", "/v1/take-outs"),
    "demandEvidence": ("POST", f"/v1/records/{ID}/evidence-demands"),
    "listEvidenceDemands": ("GET", "/v1/evidence-demands"),
    "readEvidenceDemand": ("GET", f"/v1/evidence-demands/{ID}"),
    "showEvidence": ("POST", f"/v1/evidence-demands/{ID}/document"),
    "readEvidenceDocument": ("GET", f"/v1/evidence-demands/{ID}/document"),
    "listRecords": ("GET", "/v1/records"),
    "proposeTransfer": ("POST", "/v1/transfers"),
    "readTransfer": ("GET", f"/v1/transfers/{ID}"),
    "confirmTransfer": ("POST", f"/v1/transfers/{ID}/confirmation"),
    "acceptTransfer": ("POST", f"/v1/transfers/{ID}/acceptance"),
    "cancelTransfer": ("POST", f"/v1/transfers/{ID}/cancellation"),
    "proposeUndo": ("POST", f"/v1/transfers/{ID}/undo"),
    "confirmUndo": ("POST", f"/v1/transfers/{ID}/undo-confirmation"),
    "exitParticipant": ("POST", "/v1/participants/nothing/exit"),
    "createSettlement": ("POST", "/v1/settlements"),
    "readClearance": ("GET", f"/v1/clearances/{ID}"),
    "createCollection": ("POST", "/v1/collections"),
    "readCollection": ("GET", f"/v1/collections/{ID}"),
    "answerCollection": ("POST", f"/v1/collections/{ID}/answer"),
    "readNetStatement": ("GET", "/v1/net-statements/2026-11/nobody"),
    "arrangePlan": ("POST", "/v1/plans"),
    "readPlan": ("GET", f"/v1/plans/{ID}"),
    "proposeReversal": ("POST", f"/v1/settlements/{ID}/reversals"),
    "readReversal": ("GET", f"/v1/reversals/{ID}"),
    "confirmReversal": ("POST", f"/v1/reversals/{ID}/confirmation"),
    "proposeRedListEntry": ("POST", "/v1/red-list"),
    "readRedListEntry": ("GET", f"/v1/red-list/{ID}"),
    "approveRedListEntry": ("POST", f"/v1/red-list/{ID}/approvals"),
    "revokeRedListEntry": ("POST", f"/v1/red-list/{ID}/revocation"),
    "freezeRecord": ("POST", f"/v1/records/{ID}/freeze"),
    "unfreezeRecord": ("POST", f"/v1/records/{ID}/unfreeze"),
    "dischargeRecord": ("POST", f"/v1/records/{ID}/discharge"),
    "voidRecord": ("POST", f"/v1/records/{ID}/void"),
    "keepEvaluationTally": ("POST", "/v1/evaluation-tallies"),
    "readEvaluationTallies": ("GET", "/v1/evaluation-tallies"),
    "readArchive": ("GET", f"/v1/archive/{ID}"),
    "fileDispute": ("POST", "/v1/disputes"),
    "listDisputes": ("GET", "/v1/disputes"),
    "readDispute": ("GET", f"/v1/disputes/{ID}"),
    "answerDispute": ("POST", f"/v1/disputes/{ID}/answer"),
    "decideDispute": ("POST", f"/v1/disputes/{ID}/decision"),
    "addDisputeDocument": ("POST", f"/v1/disputes/{ID}/documents"),
    "listDisputeDocuments": ("GET", f"/v1/disputes/{ID}/documents"),
    "readDisputeDocument": ("GET", f"/v1/disputes/{ID}/documents/{ID}"),
    "renewVictimMarker": ("POST", "/v1/victim-markers"),
    "rebutHousehold": ("POST", "/v1/rebuttals"),
    "giveStatement": ("POST", "/v1/statements"),
    "readRebuttal": ("GET", f"/v1/rebuttals/{ID}"),
    "withdrawRebuttal": ("POST", f"/v1/rebuttals/{ID}/withdrawal"),
    "registerParticipant": ("POST", "/v1/participants"),
    "listParticipants": ("GET", "/v1/participants"),
    "readParticipant": ("GET", "/v1/participants/carrier-a"),
    "addParticipantKey": ("POST", "/v1/participants/carrier-a/keys"),
    "revokeParticipantKey": ("POST", "/v1/participants/carrier-a/keys/nothing/revocation"),
    "readRules": ("GET", "/v1/rules"),
    "proposeRules": ("POST", "/v1/rules"),
    "readRulesVersion": ("GET", "/v1/rules/2026-01"),
    "approveRules": ("POST", "/v1/rules/nothing/approval"),
    "setCreditorTerms": ("POST", "/v1/creditor-terms"),
    "readCreditorTerms": ("GET", "/v1/creditor-terms"),
    "readEvents": ("GET", "/v1/events"),
    "admitWebhook": ("POST", "/v1/participants/carrier-a/webhook"),
    "readWebhook": ("GET", "/v1/participants/carrier-a/webhook"),
    "readLog": ("GET", "/v1/log"),
    "readReceipt": ("GET", f"/log/2026/receipts/{ID}"),
    "readOpenings": ("GET", "/log/2026/openings"),
    "addCosignatures": ("POST", "/log/2026/cosignatures"),
    "admitWitness": ("POST", "/v1/witnesses"),
    "listWitnesses": ("GET", "/v1/witnesses"),
    "removeWitness": ("POST", "/v1/witnesses/nobody.example/witness/removal"),
}
PUBLIC = {
    "readHealth",
    "readReadiness",
    "readOpenApi",
    "readCheckpoint",
    "readTile",
    "readCandidateCheckpoint",
    "readWitnessedCheckpoint",
    "readLogPolicy",
    "readConsistency",
}
EVERYBODY = frozenset(Role)
ALLOWED = {
    "createInquiry": {Role.INQUIRER},
    "createInquiryBatch": {Role.INQUIRER},
    "readQuote": {Role.INQUIRER},
    "reportRecord": {Role.REPORTER},
    "reportRecordBatch": {Role.REPORTER},
    "readRecordBatch": {Role.REPORTER},
    "readRecord": {Role.REPORTER},
    "withdrawRecord": {Role.REPORTER},
    "withdrawRecords": {Role.REPORTER},
    "withdrawRecordBatch": {Role.REPORTER},
    "confirmRecords": {Role.REPORTER},
    "confirmTakeOuts": {Role.REPORTER},
    "readTakeOuts": {Role.REPORTER},
    "demandEvidence": {Role.AUDITOR, Role.ADJUDICATOR, Role.REGULATOR},
    "listEvidenceDemands": {Role.AUDITOR, Role.ADJUDICATOR, Role.REGULATOR},
    "readEvidenceDemand": {Role.AUDITOR, Role.ADJUDICATOR, Role.REGULATOR, Role.REPORTER},
    "showEvidence": {Role.REPORTER},
    "readEvidenceDocument": {Role.AUDITOR, Role.ADJUDICATOR, Role.REGULATOR},
    "listRecords": {Role.REPORTER},
    "proposeTransfer": {Role.REPORTER},
    "readTransfer": {Role.REPORTER},
    "confirmTransfer": {Role.REPORTER},
    "acceptTransfer": {Role.REPORTER},
    "cancelTransfer": {Role.REPORTER},
    "proposeUndo": {Role.REPORTER},
    "confirmUndo": {Role.REPORTER},
    "exitParticipant": {Role.OPERATOR},
    "createSettlement": {Role.REPORTER},
    "readClearance": {Role.INQUIRER, Role.REPORTER},
    "createCollection": {Role.INQUIRER},
    "readCollection": {Role.INQUIRER, Role.REPORTER},
    "answerCollection": {Role.REPORTER},
    "readNetStatement": {Role.INQUIRER, Role.REPORTER},
    "arrangePlan": {Role.REPORTER},
    "readPlan": {Role.REPORTER},
    "proposeReversal": {Role.REPORTER},
    "readReversal": {Role.INQUIRER, Role.REPORTER},
    "confirmReversal": {Role.INQUIRER, Role.REPORTER},
    "proposeRedListEntry": {Role.INQUIRER},
    "readRedListEntry": {Role.INQUIRER, Role.OPERATOR, Role.REGULATOR},
    "approveRedListEntry": {Role.OPERATOR, Role.REGULATOR},
    "revokeRedListEntry": {Role.OPERATOR, Role.REGULATOR},
    "freezeRecord": {Role.REGULATOR},
    "unfreezeRecord": {Role.REGULATOR},
    "dischargeRecord": {Role.REGULATOR},
    "voidRecord": {Role.ADJUDICATOR},
    "keepEvaluationTally": {Role.CUSTODIAN},
    "readEvaluationTallies": {Role.AUDITOR, Role.REGULATOR},
    "readArchive": {Role.AUDITOR, Role.REGULATOR},
    "fileDispute": {Role.INQUIRER},
    "listDisputes": {Role.INQUIRER, Role.REPORTER, Role.ADJUDICATOR},
    "readDispute": {Role.INQUIRER, Role.REPORTER, Role.ADJUDICATOR},
    "answerDispute": {Role.REPORTER},
    "decideDispute": {Role.ADJUDICATOR},
    "addDisputeDocument": {Role.INQUIRER, Role.REPORTER},
    "listDisputeDocuments": {Role.INQUIRER, Role.REPORTER, Role.ADJUDICATOR},
    "readDisputeDocument": {Role.INQUIRER, Role.REPORTER, Role.ADJUDICATOR},
    "renewVictimMarker": {Role.INQUIRER},
    "rebutHousehold": {Role.INQUIRER, Role.REPORTER},
    "giveStatement": {Role.INQUIRER, Role.REPORTER},
    "readRebuttal": {Role.INQUIRER, Role.REPORTER, Role.ADJUDICATOR},
    "withdrawRebuttal": {Role.INQUIRER, Role.REPORTER, Role.ADJUDICATOR},
    "registerParticipant": {Role.OPERATOR},
    "listParticipants": EVERYBODY,
    "readParticipant": EVERYBODY,
    "addParticipantKey": {Role.OPERATOR},
    "revokeParticipantKey": {Role.OPERATOR},
    "readRules": EVERYBODY,
    "proposeRules": {Role.OPERATOR},
    "readRulesVersion": EVERYBODY,
    "approveRules": {Role.OPERATOR, Role.REGULATOR},
    "setCreditorTerms": {Role.REPORTER},
    "readCreditorTerms": {Role.REPORTER},
    "readEvents": EVERYBODY,
    "readLog": EVERYBODY,
    "admitWebhook": {Role.OPERATOR},
    "readWebhook": EVERYBODY,
    "readReceipt": EVERYBODY,
    "readOpenings": EVERYBODY,
    "addCosignatures": EVERYBODY,
    "admitWitness": {Role.OPERATOR},
    "listWitnesses": {Role.OPERATOR},
    "removeWitness": {Role.OPERATOR},
}
SENDERS = {role: role.lower() for role in Role}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("operation", list(PLACES))
def test_an_operation_admits_its_roles_and_no_other(shared: Client, operation: str, role: Role):
    method, path = PLACES[operation]
    # The body is an empty object: whoever is let in is told 4xx for it, and nobody changes anything.
    body = b"{}" if method == "POST" else None
    response = shared.send(SENDERS[role], method, path, body)
    if role in ALLOWED[operation]:
        assert response.status_code not in (401, 403), response.data
    else:
        assert problem(response) == (403, "role-missing")


def test_the_table_names_every_operation(shared: Client):
    found = {rule.endpoint.partition(".")[2] for rule in shared.app.url_map.iter_rules()}
    assert found == set(PLACES) | PUBLIC
    assert set(ALLOWED) == set(PLACES)


def test_the_published_roles_are_those_of_the_table(shared: Client):
    document = shared.raw("GET", "/openapi.json", {}).json
    published = {
        operation["operationId"]: set(operation.get("x-roles", EVERYBODY))
        for item in document["paths"].values()
        for method, operation in item.items()
        if method in ("get", "post") and operation["security"]
    }
    assert published == {name: set(roles) for name, roles in ALLOWED.items()}


def test_a_participant_without_the_role_is_told_so_before_its_body_is_read(shared: Client):
    response = shared.post("auditor", "/v1/records", b"not json at all")
    assert problem(response) == (403, "role-missing")
