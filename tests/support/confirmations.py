"""A creditor's word that a debt is still unpaid."""

import json
import uuid

from registry.usecases.records.confirm import confirm_unpaid
from tests.support.world import World


def confirms(world: World, *record_ids: uuid.UUID, carrier: str = "carrier-a") -> list[str]:
    outcome = confirm_unpaid(world.registry, world.actor(carrier), world.call(), record_ids=record_ids)
    answers = json.loads(outcome.body)["confirmations"]
    assert [each["record_id"] for each in answers] == [str(each) for each in record_ids]
    return [each["outcome"] for each in answers]
