"""Short words for the steps that stories are told in."""

import json
from typing import Any

from protocol.codes import ServiceClass, Verdict
from protocol.messages.inquiries import InquiryAnswer, InquiryRequest
from protocol.messages.records import RecordReport, RowVerdict
from protocol.messages.settlements import SettlementReceipt
from protocol.messages.tokens import SubjectTokens
from protocol.wire.codec import read
from registry.usecases.inquiries.inquire import inquire
from registry.usecases.records.report import report
from registry.usecases.settlements.settle import settle
from tests.support.world import World


def reports(world: World, carrier: str, submitted: RecordReport) -> RowVerdict:
    outcome = report(world.registry, world.actor(carrier), world.call(), submitted)
    return read(RowVerdict, json.loads(outcome.body))


def lists(world: World, carrier: str, submitted: RecordReport) -> RowVerdict:
    verdict = reports(world, carrier, submitted)
    assert verdict.verdict in (Verdict.ACTIVE, Verdict.PENDING)
    return verdict


def asks(
    world: World, carrier: str, tokens: SubjectTokens, service: ServiceClass = ServiceClass.MOBILE
) -> InquiryAnswer:
    request = InquiryRequest(inquiry_ref="order-1", tokens=tokens, service_class=service)
    outcome = inquire(world.registry, world.actor(carrier), world.call(), request)
    return read(InquiryAnswer, json.loads(outcome.body))


def settles(
    world: World, carrier: str, tokens: SubjectTokens | None, account_ref: bytes, **order: Any
) -> SettlementReceipt:
    outcome = settle(
        world.registry, world.actor(carrier), world.call(), world.order(carrier, tokens, account_ref, **order)
    )
    return read(SettlementReceipt, json.loads(outcome.body))
