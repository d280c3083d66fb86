"""Asks about applicants, row by row."""

from gateway.bulk.check import Application
from gateway.identity.documents import RawIdentity
from protocol.codes import ServiceClass
from protocol.identifiers import DocumentKind


def apply(number, service=ServiceClass.MOBILE, **identity):
    return Application(
        identity=RawIdentity(kind=DocumentKind.RESIDENT_ID, number=number, **identity), service_class=service
    )
