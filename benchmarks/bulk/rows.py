"""Makes a carrier's file of reports, and inquiries about its debtors: real group elements, one addition each."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from crypto.oprf.group import add
from protocol.codes import ServiceClass
from protocol.encodings import canonical_json
from protocol.messages.inquiries import InquiryRequest
from protocol.messages.tokens import SubjectTokens
from protocol.wire.codec import write
from tests.support.builders import a_report, a_token

AT_ONE_HOME: Final = 2
"""So many debtors in a row of the file live at one address."""
HITS: Final = 3
"""One in so many applicants has a record."""


def debtors(count: int) -> Iterator[SubjectTokens]:
    """Make the tokens of the file's debtors in its order: a subject and an address each."""
    subject, home = a_token("bulk/subject"), a_token("bulk/home")
    subject_step, home_step = subject, home
    for number in range(count):
        yield SubjectTokens(epoch=1, subject=subject, household_address=home)
        subject = add(subject, subject_step)
        if number % AT_ONE_HOME == AT_ONE_HOME - 1:
            home = add(home, home_step)


def write_file(path: Path, count: int) -> None:
    """Write a file of so many listable debts, each of another person and account: NDJSON as a gateway sends it."""
    with path.open("wb") as file:
        for number, tokens in enumerate(debtors(count)):
            report = a_report(
                "nobody",
                f"row-{number}",
                tokens=tokens,
                account_ref=hashlib.sha256(b"account/%d" % number).digest(),
                person_ref=hashlib.sha256(b"person/%d" % number).digest(),
                principal_fen=12_000 + number % 90_000,
            )
            file.write(canonical_json(write(report)) + b"\n")


def applicants(count: int, listed: int) -> list[InquiryRequest]:
    """Make inquiries about people, one in ``HITS`` of whom is a debtor of a file of ``listed`` rows."""
    known = list(debtors(min(listed, -(-count // HITS))))
    stranger = step = a_token("bulk/stranger")
    requests = []
    for number in range(count):
        tokens = known[number // HITS % len(known)]
        if number % HITS:
            tokens = SubjectTokens(epoch=1, subject=stranger)
            stranger = add(stranger, step)
        requests.append(InquiryRequest(inquiry_ref=f"order-{number}", tokens=tokens, service_class=ServiceClass.MOBILE))
    return requests
