"""Calls the gateways' local services as the carriers' own programs do: over HTTP, each with its token."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any, Final, Self

import httpx

from cli.demo.debtors import Debtor
from cli.demo.plan import Plan
from cli.demo.tokens import bearer
from cli.outcome import ExitCode, Failure
from gateway.counter.words import Language
from gateway.identity.documents import HOME_ISSUER
from gateway.local.tokens import Scope
from protocol.activations import ActivationOutcome, ActivationReason
from protocol.codes import ServiceClass, SettlementKind
from protocol.context import STANDARD_CONSENT, Channel, IdentityCheck, Purpose
from protocol.encodings import format_time

_TIMEOUT_SECONDS: Final = 30.0
_CLERK: Final = "1007"
"""The staff number of every counter's clerk in this story; it stays at the carrier."""


class Counters:
    """The counters of all carriers; close it, or use it as a context manager."""

    def __init__(self, plan: Plan, mounts: Mapping[str, httpx.BaseTransport] | None = None) -> None:
        """Open the counters; ``mounts`` leads to local services in this process, by their addresses."""
        self._plan = plan
        self._http = httpx.Client(timeout=_TIMEOUT_SECONDS, trust_env=False, mounts=mounts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def check(self, carrier: str, debtor: Debtor, order: str) -> dict[str, Any]:
        """Ask about an applicant who stands at the carrier's counter for a mobile line."""
        body = {
            "document": document(debtor),
            "service_class": ServiceClass.MOBILE.value,
            "purpose": Purpose.NEW_LINE.value,
            "channel": Channel.OUTLET.value,
            "outlet": outlet_of(carrier),
            "identity": IdentityCheck.READER.value,
            "consent_text": STANDARD_CONSENT,
            "consent": f"{order}-consent",
            "order": order,
            "agent": _CLERK,
        }
        return self._post(carrier, "/check", body, Scope.CHECK)

    def check_again(self, carrier: str, order: str) -> dict[str, Any]:
        """Ask whether anything has changed, by the order's number."""
        return self._post(carrier, "/recheck", {"order": order}, Scope.CHECK)

    def tell(
        self,
        carrier: str,
        order: str,
        outcome: ActivationOutcome,
        reason: ActivationReason | None = None,
        *,
        deposit_fen: int | None = None,
    ) -> dict[str, Any]:
        """Tell what became of an order; ``deposit_fen`` was taken with it."""
        known = {"reason": reason, "deposit_fen": deposit_fen}
        body = {"order": order, "outcome": outcome.value} | {
            name: value for name, value in known.items() if value is not None
        }
        return self._post(carrier, "/activations", body, Scope.CHECK)

    def quote(self, carrier: str, reference: str) -> dict[str, Any]:
        """Open a quote's page."""
        return _object(self._http.get(f"{self._url(carrier)}/quotes/{reference}", headers=self._caller(carrier)))

    def collect(self, carrier: str, reference: str, amount_fen: int) -> dict[str, Any]:
        """Take the whole of a quote at the carrier's counter."""
        return self._post(carrier, "/collect", {"quote_reference": reference, "amount_fen": amount_fen}, Scope.MONEY)

    def settle(self, debtor: Debtor, amount_fen: int) -> dict[str, Any]:
        """Take a payment of the whole debt at its creditor's counter; what it does not cover is given up."""
        body = {
            "document": document(debtor),
            "account": debtor.account,
            "kind": SettlementKind.FULL.value,
            "amount_fen": amount_fen,
            "waive_rest": True,
        }
        return self._post(debtor.creditor, "/settlements", body, Scope.MONEY)

    def return_deposit(self, carrier: str, order: str, fen: int, at: dt.datetime) -> dict[str, Any]:
        """Report that the deposit of an order went back to the customer."""
        body = {"order": order, "fen": fen, "at": format_time(at)}
        return self._post(carrier, "/deposits/returns", body, Scope.MONEY)

    def withdraw_consents(self, carrier: str, debtor: Debtor) -> dict[str, Any]:
        """End all consents of a person to attestations, whichever carriers they were given to."""
        return self._post(carrier, "/consents/withdraw", {"document": document(debtor), "all": True}, Scope.COUNTER)

    def statement(self, carrier: str, debtor: Debtor, language: Language = Language.EN) -> dict[str, Any]:
        """Give the person its statement."""
        body = {"document": document(debtor), "language": language.value}
        return self._post(carrier, "/statement", body, Scope.COUNTER)

    def _post(self, carrier: str, path: str, body: dict[str, Any], scope: Scope) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", **self._caller(carrier, scope)}
        return _object(self._http.post(f"{self._url(carrier)}{path}", content=json.dumps(body), headers=headers))

    def _url(self, carrier: str) -> str:
        return self._plan.addresses.gateways[carrier].local_url

    def _caller(self, carrier: str, scope: Scope = Scope.CHECK) -> dict[str, str]:
        return bearer(self._plan.var / carrier, scope)


def outlet_of(carrier: str) -> str:
    """Return the code of the carrier's one shop."""
    return f"{carrier.upper()}-SHOP-1"


def document(debtor: Debtor) -> dict[str, str]:
    """Return the document as a counter's program sends it."""
    read = {"kind": debtor.identity.kind.value, "number": debtor.identity.number}
    return read if debtor.identity.issuer == HOME_ISSUER else read | {"issuer": debtor.identity.issuer}


def _object(answer: httpx.Response) -> dict[str, Any]:
    found = answer.json()
    if answer.status_code >= httpx.codes.MULTIPLE_CHOICES or not isinstance(found, dict):
        unavailable = answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
        title = found.get("title", "") if isinstance(found, dict) else ""
        code = ExitCode.UNAVAILABLE if unavailable else ExitCode.FAILED
        raise Failure(f"story: a local service answered {answer.status_code}: {title}", code)
    return found
