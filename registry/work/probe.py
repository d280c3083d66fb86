"""Looks at the database in a thread of its own, so that `/readyz` and the door answer from the last look."""

import threading
from dataclasses import replace
from typing import Final

from protocol.problems import Refusal
from registry.domain.patience import LATE_SHARE, PATIENT_TIMES
from registry.store.errors import OutcomeUnknown
from registry.usecases.context import Registry
from registry.usecases.readiness import look

_LONGER: Final = 2


def run(registry: Registry, stop: threading.Event) -> None:
    """Look at the database until ``stop`` is set, with the patience of the registry's store; at most once a second.

    Each COMMIT that is given up leaves a server process waiting for the lost standby: as long as that lasts, each look
    is twice as patient as the one before, so that the waiting processes do not use up the server's connections.
    """
    usual = registry.store.patience.seconds
    patience = usual
    while not stop.is_set():
        registry.pulse.looks(LATE_SHARE * usual)
        try:
            seen = look(replace(registry, store=registry.store.within(patience)))
        except OutcomeUnknown:
            registry.pulse.saw(None)
            patience = min(_LONGER * patience, PATIENT_TIMES * usual)
        except Refusal:
            registry.pulse.saw(None)
            patience = usual
        else:
            registry.pulse.saw(seen)
            patience = usual
        stop.wait(registry.pulse.pause())
