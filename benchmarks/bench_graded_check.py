"""Measures `POST /check` with a grade beside one without, in turns: two systems in this process, one under each rules.

Every part runs (gateway, three custodians, registry on SQLite), joined by WSGI calls, so that only the work counts.
"""

import argparse
import datetime as dt
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from cli.demo.credit_steps import ASKER, Steps
from cli.demo.debtors import Debtor
from cli.demo.in_process import MovedClock, System, in_process
from cli.registry.rules import drafted_from
from client.resources import grades
from gateway.identity.documents import HOME_ISSUER, RawIdentity
from protocol.identifiers import DocumentKind
from protocol.messages.grades import NewCreditTerms
from protocol.messages.rules import Rules
from protocol.wire.codec import read
from tests.support.exports import resident
from tests.support.grades import BINDING

RESULTS: Final = Path(__file__).parent / "results" / "graded_check.json"
_START: Final = dt.datetime(2026, 11, 2, 4, tzinfo=dt.UTC)
_WARM: Final = 20


def main() -> None:
    """Measure, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, default=400, help="of each kind")
    parser.add_argument("--json", type=Path, default=RESULTS, help="where the figures go")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="clearline-bench-") as place, ExitStack() as stack:
        plain = stack.enter_context(_system(Path(place) / "plain", with_grade=False))
        graded = stack.enter_context(_system(Path(place) / "graded", with_grade=True))
        figures = _measured(plain, graded, options.checks)
    options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="ascii")
    print(json.dumps(figures))


@contextmanager
def _system(folder: Path, *, with_grade: bool) -> Iterator[System]:
    """Run a system under a second version of the rules, with a scorecard or without one."""
    folder.mkdir()
    with in_process(folder, MovedClock(_START)) as system:
        steps = Steps(system)

        def draft(before: Rules, begins: dt.date) -> Rules:
            return drafted_from(before, version="2", effective_from=begins, scorecard=with_grade)

        steps.change_rules(draft, "for the measurement")
        terms = {"service_class": "MOBILE", "deposit_permille_of_bill": 2_000, "prepaid": True, **BINDING}
        known = {name: value for name, value in terms.items() if value is not None}
        wanted = read(NewCreditTerms, known | {"effective_from": steps.today.isoformat()})
        grades.set_credit_terms(system.gateways[ASKER].registry, wanted)
        yield system


def _measured(plain: System, graded: System, number: int) -> dict[str, Any]:
    times: dict[bool, list[float]] = {False: [], True: []}
    for each in range(_WARM + number):
        # Each kind goes first as often as the other, so that the machine's other load hits both alike.
        for is_graded in (True, False) if each % 2 else (False, True):
            spent, answer = _timed(graded if is_graded else plain, each)
            if ("credit" in answer) is not is_graded:
                raise RuntimeError("a grade where there is none, or none where there is one")
            if each >= _WARM:
                times[is_graded].append(spent)
    pairs = [with_grade / without for with_grade, without in zip(times[True], times[False], strict=True)]
    return {
        "checks": number,
        "plain_p50_ms": round(statistics.median(times[False]) * 1e3, 2),
        "graded_p50_ms": round(statistics.median(times[True]) * 1e3, 2),
        "ratio": round(statistics.median(pairs), 3),
        "machine_load": round(os.getloadavg()[0], 1),
    }


def _timed(system: System, number: int) -> tuple[float, dict[str, Any]]:
    identity = RawIdentity(kind=DocumentKind.RESIDENT_ID, number=resident(number), issuer=HOME_ISSUER)
    applicant = Debtor(creditor=ASKER, identity=identity, account="")
    started = time.perf_counter()
    answer = system.counters.check(ASKER, applicant, f"ORDER-{number}")
    return time.perf_counter() - started, answer


if __name__ == "__main__":
    main()
