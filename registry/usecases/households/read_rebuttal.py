"""A household rebuttal is read by its filer and the adjudicators; for others there is none."""

import uuid
from typing import Any

from registry.domain.participant import Actor
from registry.policy.rules import beijing_date
from registry.usecases.context import Registry
from registry.usecases.households.rebutting import rebuttal_document, visible_rebuttal


def read_rebuttal(registry: Registry, actor: Actor, rebuttal_id: uuid.UUID) -> dict[str, Any]:
    """The filing with its state today; raises Refusal NOT_FOUND."""
    rows = registry.store.read(lambda tx: visible_rebuttal(tx, actor, rebuttal_id))
    return rebuttal_document(rows, beijing_date(registry.clock()))
