"""Tell a subject its grade of today with its inputs and reasons: nobody else can look it up."""

from protocol.grades import ABSENT, Tenure
from protocol.grading import CreditFacts, credit_facts, graded
from protocol.messages.grades import CreditInputs, StatedGrade
from registry.domain.attestations import Attestation, tenure_of
from registry.domain.credit import credit_debts
from registry.usecases.archive.shared import over_before
from registry.usecases.statements.holdings import Holding


def stated_grade(holding: Holding) -> StatedGrade | None:
    """Grade the subject as an inquiry of today would; None while the rules grade nobody."""
    act, terms = holding.act, holding.act.rules.grade
    if terms is None:
        return None
    facts = credit_facts(
        credit_debts(holding.records, over_before=over_before(act)),
        tenure=tenure_of(_attestations(holding), act.today) if terms.attestations.allowed else Tenure.NONE,
        today=act.today,
        history_days=terms.history_days,
    )
    found = graded(facts, terms)
    words = {each.code: each for each in terms.reasons}
    return StatedGrade(
        grade=found.grade,
        reasons=tuple(words[code] for code in found.reasons),
        inputs=_inputs(facts),
        history_days=terms.history_days,
    )


def _attestations(holding: Holding) -> tuple[Attestation, ...]:
    return holding.act.tx.attestations.of_subjects((holding.subject_key,))


def _inputs(facts: CreditFacts) -> CreditInputs:
    return CreditInputs(
        open=facts.open,
        plan_running=bool(facts.plan_running),
        cleared_days=None if facts.cleared_days == ABSENT else facts.cleared_days,
        cleared_creditors=facts.cleared_creditors,
        blocked_days=facts.blocked_days,
        plans_broken=facts.plans_broken,
        tenure=int(facts.tenure),
    )
