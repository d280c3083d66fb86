"""Plays one applicant's story over the gateways' local services, from the question to the line that is opened.

PAY_FIRST, a quote, payment at a third carrier, clearance, ALLOW under the same order, ACTIVATED, and the statement.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from cli.demo.counters import Counters
from cli.demo.debtors import Debtor
from cli.demo.plan import CARRIERS, Plan
from cli.gateway.clearances import public_keys, verify_clearance_file
from cli.outcome import Failure
from cli.output import say
from gateway.gateway import Gateway
from protocol.activations import ActivationOutcome, ActivationReason
from protocol.codes import DecisionCode
from serving.files import write_whole

LIMIT_MILLISECONDS: Final = 1000.0
_PASSED_OVER: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The end of the story: the order, the payment, its collector, and the inquiry that the order began with."""

    debtor: Debtor
    asker: str
    number: str
    collector: str
    settlement_id: UUID
    inquiry_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """The applicant's order: at one carrier, over a debt to another, paid at a third."""

    debtor: Debtor
    asker: str
    collector: str
    number: str


def tell_story(plan: Plan, found: Sequence[Debtor], gateway: Gateway) -> Told | None:
    """Play the story of the first debtor who still owes; return None without one. Raises Failure if a step fails.

    ``gateway`` fetches public keys once; the clearance itself is then checked without a network.
    """
    with Counters(plan) as counters:
        for order in _orders(found[:_PASSED_OVER]):
            answer = counters.check(order.asker, order.debtor, order.number)
            if answer["decision"] == DecisionCode.PAY_FIRST:
                return _Story(plan, counters, order, gateway).tell(answer)
            counters.tell(order.asker, order.number, ActivationOutcome.DECLINED, ActivationReason.APPLICANT_LEFT)
    say("story: skipped, since no person has exactly one blocking record")
    return None


def _orders(found: Sequence[Debtor]) -> Iterator[_Order]:
    begun = int(time.time())
    for place, debtor in enumerate(found):
        asker = next(each for each in (CARRIERS[1], CARRIERS[0]) if each != debtor.creditor)
        (collector,) = set(CARRIERS) - {asker, debtor.creditor}
        yield _Order(debtor=debtor, asker=asker, collector=collector, number=f"{begun}-{place}")


class _Story:
    """The steps, each printed as it happens."""

    def __init__(self, plan: Plan, counters: Counters, order: _Order, gateway: Gateway) -> None:
        self._plan, self._counters, self._order, self._gateway = plan, counters, order, gateway

    def tell(self, answer: dict[str, Any]) -> Told:
        """Play all steps behind the first answer."""
        order, counters = self._order, self._counters
        say(f"\nThe story of an applicant (document {order.debtor.hint})")
        say(f"  1. asks for a mobile line at {order.asker}: {answer['decision']} ({', '.join(answer['reasons'])})")
        quote = counters.quote(order.asker, answer["quote"]["reference"])
        (line,) = quote["lines"]
        say(f"  2. opens the quote: {_yuan(quote['total_fen'])} to {line['creditor_name']}, {line['how_to_pay']}")
        receipt, paid = self._pay()
        self._show_clearance(receipt)
        again = counters.check_again(order.asker, order.number)
        self._require_allowed(again, (time.perf_counter() - paid) * 1000)
        told = counters.tell(order.asker, order.number, ActivationOutcome.ACTIVATED)
        say(f"  6. has the line: {order.asker} tells ACTIVATED, {told['basis']}, obeyed {told['obeyed']}")
        self._show_statement()
        (collected,) = receipt["collections"]
        return Told(
            debtor=order.debtor,
            asker=order.asker,
            number=order.number,
            collector=order.collector,
            settlement_id=UUID(collected["settlement_id"]),
            inquiry_id=UUID(answer["inquiry_id"]),
        )

    def _pay(self) -> tuple[dict[str, Any], float]:
        """Pay at a third carrier, which has to ask for itself before it may take money for others."""
        order, counters = self._order, self._counters
        number = f"{order.number}-paid"
        there = counters.check(order.collector, order.debtor, number)
        if there["decision"] != DecisionCode.PAY_FIRST:
            raise Failure(f"story: {order.collector} was told {there['decision']}, not PAY_FIRST")
        begun = time.perf_counter()
        receipt = counters.collect(order.collector, there["quote"]["reference"], there["quote"]["total_fen"])
        paid = time.perf_counter()
        say(
            f"  3. asks and pays at {order.collector}, which collects it for {order.debtor.creditor}"
            f" ({(paid - begun) * 1000:.0f} ms)"
        )
        counters.tell(order.collector, number, ActivationOutcome.DECLINED, ActivationReason.APPLICANT_LEFT)
        return receipt, paid

    def _require_allowed(self, answer: dict[str, Any], spent: float) -> None:
        asker = self._order.asker
        say(f"  5. is checked again at {asker}, under the same order: {answer['decision']}, {spent:.0f} ms later")
        if answer["decision"] != DecisionCode.ALLOW:
            raise Failure(f"story: after the payment the decision is {answer['decision']}, not ALLOW")
        if spent > LIMIT_MILLISECONDS:
            raise Failure(f"story: ALLOW took {spent:.0f} ms, more than a second")

    def _show_clearance(self, receipt: dict[str, Any]) -> None:
        if not receipt["clearances"]:
            raise Failure("story: the payment of the last blocking record brought no clearance")
        (issued,) = receipt["clearances"]
        token, keys = _write(self._plan.work, issued["clearance"], public_keys(self._gateway, CARRIERS))
        said = verify_clearance_file(token, keys)
        say(f"  4. holds clearance {said.clearance_id}, checked offline with public keys:")
        say(f"     issued by {said.issuer}, on {said.collector}'s own word that {_yuan(said.amount_fen)} is paid")
        say(f"     {token} {keys}")

    def _show_statement(self) -> None:
        """Print what the person's own statement says of the order."""
        order = self._order
        statement = self._counters.statement(order.asker, order.debtor)
        mine = [each for each in statement["inquiries"] if each["participant"] == order.asker]
        say("  7. reads in the statement, at any counter and free, who asked and what followed:")
        for each in mine:
            if not any(done["outcome"] == ActivationOutcome.ACTIVATED for done in each.get("activations", ())):
                continue
            checks = ", ".join(check["decision"] for check in each.get("rechecks", ()))
            say(
                f"     {each['participant']} for {each['purpose']} at {each['outlet']}: {each['decision']},"
                f" checked again {checks}, ACTIVATED"
            )
            return
        raise Failure("story: the statement does not tell the order")


def _write(folder: Path, token: str, keys: bytes) -> tuple[Path, Path]:
    first, second = folder / "clearance.jws", folder / "public-keys.json"
    write_whole(first, f"{token}\n".encode("ascii"))
    write_whole(second, keys)
    return first, second


def _yuan(fen: int) -> str:
    return f"CNY {fen // 100}.{fen % 100:02d}"
