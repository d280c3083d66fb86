"""Asks about applicants, row by row."""

from typing import Any

from gateway.bulk.applications import Application
from gateway.identity.documents import RawIdentity
from protocol.codes import ServiceClass
from protocol.identifiers import DocumentKind


def apply(number: str, service: ServiceClass = ServiceClass.MOBILE, **identity: Any) -> Application:
    return Application(
        identity=RawIdentity(kind=DocumentKind.RESIDENT_ID, number=number, **identity), service_class=service
    )
