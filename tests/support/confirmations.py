"""A creditor's word that a debt is still unpaid."""

import json
import uuid

from protocol.messages.confirmations import UnchangedAnswer, UnchangedAnswers, UnchangedRecord
from protocol.messages.records import RowVerdict
from protocol.wire.codec import read
from registry.usecases.records.confirm import confirm_unpaid
from registry.usecases.records.unchanged import confirm_unchanged
from tests.support.world import World


def confirms(world: World, *record_ids: uuid.UUID, carrier: str = "carrier-a") -> list[str]:
    outcome = confirm_unpaid(world.registry, world.actor(carrier), world.call(), record_ids=record_ids)
    answers = json.loads(outcome.body)["confirmations"]
    assert [each["record_id"] for each in answers] == [str(each) for each in record_ids]
    return [each["outcome"] for each in answers]


def says_unchanged(world: World, *verdicts: RowVerdict, carrier: str = "carrier-a") -> tuple[UnchangedAnswer, ...]:
    """The creditor's word that the rows of these verdicts are the same."""
    named = [
        UnchangedRecord(record_id=each.record_id, version=each.version)
        for each in verdicts
        if each.record_id is not None and each.version is not None
    ]
    outcome = confirm_unchanged(world.registry, world.actor(carrier), world.call(), records=named)
    return read(UnchangedAnswers, json.loads(outcome.body)).records
