"""Judges the clock before a round: the leave lists the allowed work of worker and integrator, and the alarms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from registry.domain.rounds import CLOCK, CLOCK_UNCONFIRMED
from registry.policy.clock import ClockState, Judgement, words
from registry.usecases.clock.judge_clock import judge_clock
from registry.usecases.clock.large_rounds import too_large
from registry.usecases.context import Registry
from registry.work.alarms import Alarm

ROUND_ALARM: Final = "round-too-large"

Lasting = dict[tuple[str, int | None], Alarm]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """``waiting`` are the kinds of work that a person must confirm first, with the number of due items."""

    judgement: Judgement
    waiting: Mapping[str, int] = field(default_factory=dict)

    @property
    def acts(self) -> bool:
        """Tell whether the registry may date acts with the clock."""
        return self.judgement.acts

    @property
    def ends(self) -> bool:
        """Tell whether steps that cannot be undone may run."""
        return self.judgement.ends

    def may(self, kind: str) -> bool:
        """Tell whether work of a kind (list, lift, expire, seal, purge, forget) may be done in this round."""
        return self.ends and kind not in self.waiting

    def alarms(self) -> Lasting:
        """Return the alarms for the operator."""
        found = clock_alarms(self.judgement)
        if self.waiting:
            told = ", ".join(f"{kind} {count}" for kind, count in sorted(self.waiting.items()))
            detail = f"more than one round may do: {told}; it waits for `clearline registry clock confirm`"
            found[ROUND_ALARM, None] = Alarm(code=ROUND_ALARM, year=None, detail=detail)
        return found


def leave_for_a_round(registry: Registry) -> Leave:
    """Judge the clock for one round of the worker."""
    judgement = judge_clock(registry)
    return Leave(judgement=judgement, waiting=too_large(registry) if judgement.ends else {})


def clock_alarms(judgement: Judgement) -> Lasting:
    """Return the alarm of an untrusted clock, if it is untrusted."""
    if judgement.state is ClockState.TRUSTED:
        return {}
    code = CLOCK_UNCONFIRMED if judgement.acts else CLOCK
    return {(code, None): Alarm(code=code, year=None, detail=words(judgement))}
