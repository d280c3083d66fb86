"""Plays one applicant's story over the gateways' local HTTP services: PAY_FIRST, quote, payment, clearance, ALLOW."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx

from cli.demo.debtors import Debtor
from cli.demo.plan import CARRIERS, Plan
from cli.demo.tokens import bearer
from cli.gateway.clearances import public_keys, verify_clearance_file
from cli.outcome import ExitCode, Failure
from cli.output import say
from gateway.gateway import Gateway
from gateway.identity.documents import HOME_ISSUER
from gateway.local.tokens import Scope
from protocol.codes import DecisionCode, ServiceClass, SettlementKind
from serving.files import write_whole

LIMIT_MILLISECONDS: Final = 1000.0
_TIMEOUT_SECONDS: Final = 30.0
_PASSED_OVER: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The settlement of the story, and its creditor."""

    creditor: str
    settlement_id: UUID


def tell_story(plan: Plan, found: Sequence[Debtor], gateway: Gateway) -> Settled | None:
    """Play the story of the first debtor who still owes; return None without one. Raises Failure if a step fails.

    ``gateway`` fetches public keys once; the clearance itself is then checked without a network.
    """
    with httpx.Client(timeout=_TIMEOUT_SECONDS, trust_env=False) as http:
        for debtor in found[:_PASSED_OVER]:
            asker = next(each for each in (CARRIERS[1], CARRIERS[0]) if each != debtor.creditor)
            answer, _ = _check(http, plan, asker, debtor)
            if answer["decision"] == DecisionCode.PAY_FIRST:
                return _tell(http, plan, debtor, asker=asker, answer=answer, gateway=gateway)
    say("story: skipped, since no person has exactly one blocking record")
    return None


def _tell(
    http: httpx.Client, plan: Plan, debtor: Debtor, *, asker: str, answer: dict[str, Any], gateway: Gateway
) -> Settled:
    say(f"\nThe story of an applicant (document {debtor.hint})")
    say(f"  1. asks for a mobile line at {asker}: {answer['decision']} ({', '.join(answer['reasons'])})")
    reference = answer["quote"]["reference"]
    quote = _get(http, f"{_service(plan, asker)}/quotes/{reference}", bearer(plan.var / asker, Scope.CHECK))
    (line,) = quote["lines"]
    say(f"  2. opens quote {reference}: {_yuan(quote['total_fen'])} to {line['creditor_name']}, {line['how_to_pay']}")
    begun = time.perf_counter()
    receipt = _settle(http, plan, debtor, quote["total_fen"])
    paid = time.perf_counter()
    say(f"  3. pays; {debtor.creditor} reports it: {receipt['state']} ({(paid - begun) * 1000:.0f} ms)")
    answer, spent = _check(http, plan, asker, debtor)
    _show_clearance(plan, receipt, gateway)
    say(f"  5. asks again at {asker}: {answer['decision']}, {spent:.0f} ms after the payment was acknowledged")
    if answer["decision"] != DecisionCode.ALLOW:
        raise Failure(f"story: after the payment the decision is {answer['decision']}, not ALLOW")
    if spent > LIMIT_MILLISECONDS:
        raise Failure(f"story: ALLOW took {spent:.0f} ms, more than a second")
    return Settled(creditor=debtor.creditor, settlement_id=UUID(receipt["settlement_id"]))


def _show_clearance(plan: Plan, receipt: dict[str, Any], gateway: Gateway) -> None:
    if "clearance" not in receipt:
        raise Failure("story: the payment of the last blocking record brought no clearance")
    token, keys = _write(plan.work, receipt["clearance"], public_keys(gateway, CARRIERS))
    said = verify_clearance_file(token, keys)
    say(f"  4. holds clearance {said.clearance_id}, checked offline with public keys:")
    say(f"     issued by {said.issuer}, on {said.creditor}'s own word that {_yuan(said.amount_fen)} is settled")
    say(f"     {token} {keys}")


def _write(folder: Path, token: str, keys: bytes) -> tuple[Path, Path]:
    first, second = folder / "clearance.jws", folder / "public-keys.json"
    write_whole(first, f"{token}\n".encode("ascii"))
    write_whole(second, keys)
    return first, second


def _check(http: httpx.Client, plan: Plan, carrier: str, debtor: Debtor) -> tuple[dict[str, Any], float]:
    """Check the debtor; return the decision and its milliseconds."""
    begun = time.perf_counter()
    body = {"document": _document(debtor), "service_class": ServiceClass.MOBILE.value}
    answer = _post(http, f"{_service(plan, carrier)}/check", body, bearer(plan.var / carrier, Scope.CHECK))
    return answer, (time.perf_counter() - begun) * 1000


def _settle(http: httpx.Client, plan: Plan, debtor: Debtor, amount_fen: int) -> dict[str, Any]:
    body = {
        "document": _document(debtor),
        "account": debtor.account,
        "kind": SettlementKind.FULL.value,
        "amount_fen": amount_fen,
        # The quote holds for three days, so that a midnight between quote and payment costs the applicant nothing.
        "waive_rest": True,
    }
    money = bearer(plan.var / debtor.creditor, Scope.MONEY)
    return _post(http, f"{_service(plan, debtor.creditor)}/settlements", body, money)


def _document(debtor: Debtor) -> dict[str, str]:
    document = {"kind": debtor.identity.kind.value, "number": debtor.identity.number}
    return document if debtor.identity.issuer == HOME_ISSUER else document | {"issuer": debtor.identity.issuer}


def _service(plan: Plan, carrier: str) -> str:
    return plan.addresses.gateways[carrier].local_url


def _post(http: httpx.Client, url: str, body: dict[str, Any], caller: dict[str, str]) -> dict[str, Any]:
    return _object(http.post(url, content=json.dumps(body), headers={"Content-Type": "application/json", **caller}))


def _get(http: httpx.Client, url: str, caller: dict[str, str]) -> dict[str, Any]:
    return _object(http.get(url, headers=caller))


def _object(answer: httpx.Response) -> dict[str, Any]:
    document = answer.json()
    if answer.status_code >= httpx.codes.MULTIPLE_CHOICES or not isinstance(document, dict):
        unavailable = answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
        title = document.get("title", "") if isinstance(document, dict) else ""
        code = ExitCode.UNAVAILABLE if unavailable else ExitCode.FAILED
        raise Failure(f"story: a local service answered {answer.status_code}: {title}", code)
    return document


def _yuan(fen: int) -> str:
    return f"CNY {fen // 100}.{fen % 100:02d}"
