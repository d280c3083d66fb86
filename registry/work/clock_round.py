"""A round's leave: what the worker and the integrator may do by the clock as it stands, and what they say if not."""

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
    """``waiting`` are the kinds of work that a person has to see first, with how much of each is due."""

    judgement: Judgement
    waiting: Mapping[str, int] = field(default_factory=dict)

    @property
    def acts(self) -> bool:
        """Whether anything may be dated with the clock."""
        return self.judgement.acts

    @property
    def ends(self) -> bool:
        """Whether the clock may do what cannot be taken back."""
        return self.judgement.ends

    def may(self, kind: str) -> bool:
        """Whether work of a kind (list, lift, expire, seal, purge, forget) may be done in this round."""
        return self.ends and kind not in self.waiting

    def alarms(self) -> Lasting:
        """What a person has to look at, as alarms."""
        found = clock_alarms(self.judgement)
        if self.waiting:
            told = ", ".join(f"{kind} {count}" for kind, count in sorted(self.waiting.items()))
            detail = f"more than one round may do: {told}; it waits for `clearline registry clock confirm`"
            found[ROUND_ALARM, None] = Alarm(code=ROUND_ALARM, year=None, detail=detail)
        return found


def leave_for_a_round(registry: Registry) -> Leave:
    """The leave for one round of the worker."""
    judgement = judge_clock(registry)
    return Leave(judgement=judgement, waiting=too_large(registry) if judgement.ends else {})


def clock_alarms(judgement: Judgement) -> Lasting:
    """The alarm of a clock that is not trusted, if it is not."""
    if judgement.state is ClockState.TRUSTED:
        return {}
    code = CLOCK_UNCONFIRMED if judgement.acts else CLOCK
    return {(code, None): Alarm(code=code, year=None, detail=words(judgement))}
