"""The rules: published to everybody, proposed by the operator, approved by another; and creditors' own late fees."""

from typing import Final

from flask import Response

from api.answers import document, outcome
from api.blueprint import DoorBlueprint
from api.door import actor, call, registry
from api.examples import rules as examples
from api.operations import Answer, Input, operation
from protocol.codes import Role
from protocol.messages.rules import (
    CreditorTerms,
    CreditorTermsList,
    DayQuery,
    NewCreditorTerms,
    PublishedRules,
    Rules,
    RulesApproval,
    RulesVersion,
)
from registry.usecases.rules.approve import approve_rules
from registry.usecases.rules.creditor_terms import read_creditor_terms, set_creditor_terms
from registry.usecases.rules.propose import propose_rules
from registry.usecases.rules.read import published_rules, read_rules_version

BLUEPRINT: Final = DoorBlueprint("rules", __name__, description="The figures that everybody is judged and charged by.")


@operation(
    BLUEPRINT,
    "GET",
    "/v1/rules",
    operation_id="readRules",
    query=DayQuery,
    answer=Answer(message=PublishedRules, description="The rules in force that day.", example=examples.PUBLISHED_RULES),
)
def get_rules(*, query: DayQuery) -> Response:
    """The figures by which reports and inquiries are judged."""
    actor()
    return document(published_rules(registry(), query.at))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/rules",
    operation_id="proposeRules",
    roles=(Role.OPERATOR,),
    reads=Input(message=Rules, example=examples.RULES),
    answer=Answer(
        message=RulesVersion, status=201, description="The version, proposed.", example=examples.RULES_VERSION
    ),
)
def propose_version(*, body: Rules) -> Response:
    """Propose a whole version; it judges nothing before another participant has approved it."""
    return outcome(propose_rules(registry(), actor(), call("proposeRules"), body))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/rules/<rules:version>",
    operation_id="readRulesVersion",
    answer=Answer(message=RulesVersion, description="The version.", example=examples.RULES_VERSION),
)
def get_version(*, version: str) -> Response:
    """Any version, proposed or approved, and who took which step."""
    actor()
    return document(read_rules_version(registry(), version))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/rules/<rules:version>/approval",
    operation_id="approveRules",
    roles=(Role.OPERATOR, Role.REGULATOR),
    reads=Input(message=RulesApproval, example=examples.RULES_APPROVAL),
    answer=Answer(
        message=RulesVersion, status=201, description="The version, approved.", example=examples.RULES_VERSION
    ),
)
def approve_version(*, version: str, body: RulesApproval) -> Response:
    """Approve what another participant proposed; it is in force from its date on, and every carrier is told."""
    return outcome(approve_rules(registry(), actor(), call("approveRules"), version, body.sha256))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/creditor-terms",
    operation_id="setCreditorTerms",
    roles=(Role.REPORTER,),
    reads=Input(message=NewCreditorTerms, example=examples.NEW_CREDITOR_TERMS),
    answer=Answer(message=CreditorTerms, status=201, description="The terms, set.", example=examples.CREDITOR_TERMS),
)
def set_terms(*, body: NewCreditorTerms) -> Response:
    """Charge less than the rules allow, on what is listed from a day on."""
    return outcome(set_creditor_terms(registry(), actor(), call("setCreditorTerms"), body))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/creditor-terms",
    operation_id="readCreditorTerms",
    roles=(Role.REPORTER,),
    query=DayQuery,
    answer=Answer(message=CreditorTermsList, description="The sender's terms.", example=examples.CREDITOR_TERMS_LIST),
)
def get_terms(*, query: DayQuery) -> Response:
    """The sender's own late fee on a day, and all that it ever set."""
    return document(read_creditor_terms(registry(), actor(), query.at))
