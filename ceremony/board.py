"""Collects the steps of one ceremony: one of each kind for each party, and whatever contradicts them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ceremony.steps import ReadStep, steps_digest
from ceremony.terms import ceremony_id, parties
from protocol.messages.ceremonies import Proposal, SignedStep, Step

_VERDICTS = (Step.CONFIRM, Step.COMPLAINT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The steps that somebody has seen. A board only grows; two honest boards differ in what has not arrived yet.

    ``contradictions`` holds the first step in each place that is not the one on the board: a party has one JOIN, one
    DEAL, one ECHO, and either a CONFIRM or a COMPLAINT. Whoever passes a board on passes them on too.
    """

    proposal: Proposal
    steps: Mapping[tuple[Step, str], ReadStep] = field(default_factory=dict)
    contradictions: Mapping[tuple[Step, str], ReadStep] = field(default_factory=dict)

    @property
    def ceremony(self) -> str:
        """The ceremony's id."""
        return ceremony_id(self.proposal)

    def adding(self, read: ReadStep) -> "Board":
        """Return the board with a step that was read for this ceremony; a repeated one changes nothing."""
        place = _place(read)
        present = self.steps.get(place)
        if present is None:
            return replace(self, steps={**self.steps, place: read})
        if present.jws == read.jws or place in self.contradictions:
            return self
        return replace(self, contradictions={**self.contradictions, place: read})

    def of(self, step: Step, party: str) -> ReadStep | None:
        """Return a party's step."""
        found = self.steps.get((_slot(step), party))
        return found if found is not None and found.step is step else None

    def all_of(self, step: Step) -> tuple[ReadStep, ...]:
        """Return all steps of a kind, in the order of parties' names."""
        return tuple(self.steps[place] for place in sorted(self.steps) if self.steps[place].step is step)

    def missing(self, step: Step) -> tuple[str, ...]:
        """Return the parties whose step of this kind is still due."""
        return tuple(party for party in self.expected(step) if self.of(step, party) is None)

    def expected(self, step: Step) -> tuple[str, ...]:
        """Return the parties that owe a step of this kind: dealers deal, and all parties do everything else."""
        return self.proposal.dealers if step is Step.DEAL else parties(self.proposal)

    def digest_of(self, step: Step) -> str:
        """Return the digest over all steps of a kind."""
        return steps_digest(self.all_of(step))

    def passed_on(self) -> tuple[SignedStep, ...]:
        """Return all steps for another party, contradictions too, in a fixed order."""
        held: Iterable[ReadStep] = (*self.steps.values(), *self.contradictions.values())
        return tuple(each.signed() for each in sorted(held, key=lambda each: (each.party, each.step, each.jws)))


def _slot(step: Step) -> Step:
    return Step.CONFIRM if step in _VERDICTS else step


def _place(read: ReadStep) -> tuple[Step, str]:
    return _slot(read.step), read.party
