"""Writes the vectors of docs/spec/evaluation.md: a real custodian's answers to good and bad requests, in order."""

# ruff: noqa: INP001 (a script's part, beside the pages it serves)

import contextlib
import pathlib
import tempfile
from collections.abc import Mapping
from typing import Final

from flask import Flask

from crypto.envelope.provider import Unsealed
from crypto.oprf import group
from crypto.oprf.threshold import Dealing
from crypto.signing.content_digest import content_digest
from crypto.signing.http_message import sign_request
from crypto.signing.keys import public_bytes
from custodian.app import create_app
from custodian.authn import Door
from custodian.committee_share import CommitteeShare
from custodian.ledger import Ledger
from custodian.served_shares import ServedShares
from custodian.settings import Admission, CarrierKey
from custodian.share_book import ShareBook
from docs.spec.fixed import NOW, scalar, signing_key, stream
from docs.spec.token_vectors import THRESHOLD, the_dealing
from protocol.encodings import b64url_encode, canonical_json, format_time

URL: Final = "https://custodian-1.example"
PATH: Final = "/v1/evaluations"
QUOTA: Final = 10
EPOCH: Final = 1
CEREMONY: Final = "0" * 64
JSON: Final = "application/json"
_OK: Final = 200


def content() -> dict[str, object]:
    """Write the exchanges, in order, with one custodian whose carrier may have ten elements evaluated a day."""
    private, share = signing_key("carrier a"), the_dealing().shares[0]
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.closing(Ledger(pathlib.Path(folder, "ledger.db"))) as ledger,
    ):
        exchanges = _exchanges(a_custodian(ledger, pathlib.Path(folder, "shares")))
    return {
        "now": format_time(NOW),
        "public_url": URL,
        "carrier": {"key_id": "carrier-a-1", "public_hex": public_bytes(private).hex()},
        "custodian": {"index": share.index, "epoch": EPOCH, "public_key_hex": share.pk.hex()},
        "daily_quota": QUOTA,
        "random_hex": stream("randomness of custodian 1")(group.UNIFORM_BYTES).hex(),
        "exchanges": exchanges,
    }


def a_custodian(ledger: Ledger, shares: pathlib.Path) -> Flask:
    """Make custodian 1 of the vectors, with fixed randomness, which in real use would give its share away."""
    book = ShareBook(shares, Unsealed())
    book.add_pending(share_of(the_dealing(), committee=1))
    book.promote(CEREMONY)
    carrier = CarrierKey(carrier="carrier-a", key_id="carrier-a-1", public_key=public_bytes(signing_key("carrier a")))
    admission = Admission(carriers=(carrier,), daily_quota=QUOTA)
    return create_app(
        shares=ServedShares(book),
        door=Door(public_url=URL, admission=lambda: admission, ledger=ledger, clock=lambda: NOW),
        ledger=ledger,
        clock=lambda: NOW,
        random=stream("randomness of custodian 1"),
    )


def share_of(dealing: Dealing, *, committee: int, ceremony: str = CEREMONY) -> CommitteeShare:
    """Return custodian 1's share of a dealing, as if a ceremony had made it."""
    share = dealing.shares[0]
    return CommitteeShare(
        epoch=EPOCH,
        committee=committee,
        threshold=dealing.threshold,
        index=share.index,
        sk=share.sk,
        pk=share.pk,
        joint_public_key=dealing.joint_public_key,
        ceremony=ceremony,
    )


def _exchanges(custodian: Flask) -> list[dict[str, object]]:
    elements = [group.multiply_base(scalar(f"element {number}")) for number in range(THRESHOLD)]
    good = _body(*elements)
    identity, top_bit = bytes(32), elements[0][:-1] + bytes([elements[0][-1] | 0x80])
    client = custodian.test_client()

    def exchange(why: str, body: bytes, headers: Mapping[str, str]) -> dict[str, object]:
        answer = client.post(PATH, data=body, headers=dict(headers), base_url=URL)
        given = answer.get_json()
        said = {"answer": given} if answer.status_code == _OK else {"problem": given}
        request = {"path": PATH, "headers": dict(headers), "body": body.decode("ascii")}
        return {"why": why, "request": request, "status": answer.status_code, **said}

    first = _signed("first", good)
    return [
        exchange("two elements", good, first),
        exchange("the same request again", good, first),
        exchange("not signed", good, {"Content-Type": JSON}),
        exchange("another body than the signed one", _body(elements[1], elements[0]), _signed("swapped", good)),
        exchange("a key that the custodian does not know", good, _signed("stranger", good, key_id="carrier-z-1")),
        *(
            exchange(why, body, _signed(why, body))
            for why, body in (
                ("not JSON", b"{"),
                ("a member twice", b'{"epoch":1,"epoch":1,"blinded_elements":[]}'),
                ("another member", canonical_json({"epoch": EPOCH, "blinded_elements": [], "id": 1})),
                ("an epoch that is no positive integer", canonical_json({"epoch": 0, "blinded_elements": []})),
                ("no element", _body()),
                ("an element of 31 bytes", _body(elements[0][:31])),
                ("another epoch", _body(*elements, epoch=EPOCH + 1)),
                ("the identity", _body(identity)),
                ("an element with its top bit set", _body(top_bit)),
                ("more elements than are left of the day's quota", _body(*elements, *elements, *elements)),
            )
        ),
        exchange("another media type", good, _signed("text", good, content_type="text/plain")),
    ]


def _body(*elements: bytes, epoch: int = EPOCH) -> bytes:
    return canonical_json({"epoch": epoch, "blinded_elements": [b64url_encode(each) for each in elements]})


def _signed(label: str, body: bytes, *, key_id: str = "carrier-a-1", content_type: str = JSON) -> dict[str, str]:
    return sign_request(
        method="POST",
        target_uri=URL + PATH,
        content_type=content_type,
        content_digest=content_digest(body),
        key_id=key_id,
        private_key=signing_key("carrier a"),
        created=NOW,
        nonce=b64url_encode(stream(f"nonce {label}")(18)),
    )
