"""Read a scorecard from a file: the group ``grade`` of the rules, or a whole version of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cli.options import read_object
from cli.outcome import Failure
from protocol.encodings import canonical_json
from protocol.messages.grades import GradeTerms
from protocol.problems import FieldCode
from protocol.wire.codec import Malformed, read
from registry.policy.first_scorecard import FIRST_GRADE
from registry.policy.rules_document import RulesInvalid, rules_of
from registry.policy.scorecard import first_fault

_OF_A_VERSION: Final = "version"


def first_scorecard() -> GradeTerms:
    """Return the scorecard with which a first graded version of the rules begins."""
    return read(GradeTerms, FIRST_GRADE)


def read_scorecard(path: Path) -> GradeTerms:
    """Read a scorecard and judge it as a proposal is judged; Failure names each fault by its path and code."""
    document = read_object("a scorecard", path)
    try:
        if _OF_A_VERSION in document:
            return _graded(path, rules_of(canonical_json(document)).grade)
        terms = read(GradeTerms, document)
    except Malformed as wrong:
        raise _refused(path, wrong.faults) from None
    except RulesInvalid as wrong:
        raise _refused(path, {wrong.field: wrong.code}) from None
    fault = first_fault(terms)
    if fault is not None:
        raise _refused(path, dict([fault]))
    return terms


def _graded(path: Path, terms: GradeTerms | None) -> GradeTerms:
    if terms is None:
        raise _refused(path, {"grade": FieldCode.REQUIRED})
    return terms


def _refused(path: Path, faults: Mapping[str, FieldCode]) -> Failure:
    named = "".join(f" [{place}: {code}]" for place, code in sorted(faults.items()))
    return Failure(f"{path}: the scorecard is refused{named}")
