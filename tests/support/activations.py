"""Reports of activations in stories: a plain one of an answer's order, and what the registry says to it."""

import json
from dataclasses import replace
from typing import Any

from protocol.activations import ActivationOutcome
from protocol.codes import ServiceClass
from protocol.encodings import b64url_decode
from protocol.messages.activations import ActivationAnswer, ActivationReport
from protocol.messages.inquiries import InquiryAnswer
from protocol.wire.codec import read
from registry.usecases.activations.report import report_activation
from tests.support.decision_tokens import claims_of
from tests.support.world import World

AGENT, MANAGER = b"a" * 16, b"m" * 16


def a_report_on(world: World, answer: InquiryAnswer, outcome: ActivationOutcome, **changes: Any) -> ActivationReport:
    """A report that an order was done now, as its decision's token names it."""
    claims = claims_of(answer.decision_token)
    report = ActivationReport(
        row_id="row-1",
        order=b64url_decode(claims["order"]) if "order" in claims else b"o" * 16,
        service_class=ServiceClass(claims["service_class"]),
        outcome=outcome,
        at=world.clock.now,
        decision_token=answer.decision_token,
    )
    return replace(report, **changes)


def tells(world: World, carrier: str, report: ActivationReport) -> ActivationAnswer:
    """Report an activation."""
    world.clock.forward(milliseconds=1)
    outcome = report_activation(world.registry, world.actor(carrier), world.call(), report)
    return read(ActivationAnswer, json.loads(outcome.body))
