"""Writes the vectors of docs/spec/evaluation.md: a real custodian's answers to good and bad requests, in order."""

# ruff: noqa: INP001 (a script's part, beside the pages it serves)

import contextlib
import pathlib
import tempfile
from collections.abc import Mapping
from typing import Final

from flask import Flask
from flask.testing import FlaskClient

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
JSON: Final = "application/json"
_OK: Final = 200


def content() -> dict[str, object]:
    """Write the exchanges, in order, with one custodian whose carrier may have ten elements evaluated a day."""
    private, share = signing_key("carrier a"), the_dealing().shares[0]
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.closing(Ledger(pathlib.Path(folder, "ledger.db"))) as ledger,
    ):
        book = ShareBook(pathlib.Path(folder, "shares"), Unsealed())
        hold(book, share_of(the_dealing(), committee=1))
        exchanges = _exchanges(a_custodian(ledger, book).test_client())
    return {
        "now": format_time(NOW),
        "public_url": URL,
        "carrier": {"key_id": "carrier-a-1", "public_hex": public_bytes(private).hex()},
        "custodian": {"index": share.index, "epoch": EPOCH, "public_key_hex": share.pk.hex()},
        "daily_quota": QUOTA,
        "random_hex": stream("randomness of custodian 1")(group.UNIFORM_BYTES).hex(),
        "exchanges": exchanges,
    }


def a_custodian(ledger: Ledger, book: ShareBook) -> Flask:
    """Make custodian 1 of the vectors, with fixed randomness, which in real use would give its share away."""
    carrier = CarrierKey(carrier="carrier-a", key_id="carrier-a-1", public_key=public_bytes(signing_key("carrier a")))
    admission = Admission(carriers=(carrier,), daily_quota=QUOTA)
    return create_app(
        shares=ServedShares(book),
        door=Door(public_url=URL, admission=lambda: admission, ledger=ledger, clock=lambda: NOW),
        ledger=ledger,
        clock=lambda: NOW,
        random=stream("randomness of custodian 1"),
    )


def share_of(dealing: Dealing, *, committee: int) -> CommitteeShare:
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
        ceremony=f"{committee:064x}",
    )


def hold(book: ShareBook, share: CommitteeShare) -> None:
    """Keep a share as one that all members have confirmed."""
    book.add_pending(share)
    book.promote(f"{share.committee:064x}")


def exchange(
    client: FlaskClient, why: str, body: bytes | None, headers: Mapping[str, str], *, path: str = PATH
) -> dict[str, object]:
    """Send a request (a GET without a body), and write it with its answer."""
    method = "GET" if body is None else "POST"
    answer = client.open(path, method=method, data=body, headers=dict(headers), base_url=URL)
    given = answer.get_json()
    said = {"answer": given} if answer.status_code == _OK else {"problem": given}
    request = {"path": path, "headers": dict(headers)} | ({} if body is None else {"body": body.decode("ascii")})
    return {"why": why, "request": request, "status": answer.status_code, **said}


def _exchanges(client: FlaskClient) -> list[dict[str, object]]:
    elements = [group.multiply_base(scalar(f"element {number}")) for number in range(THRESHOLD)]
    good = _body(*elements)
    identity, top_bit = bytes(32), elements[0][:-1] + bytes([elements[0][-1] | 0x80])
    first = signed("first", good)
    return [
        exchange(client, "two elements", good, first),
        exchange(client, "the same request again", good, first),
        exchange(client, "not signed", good, {"Content-Type": JSON}),
        exchange(client, "another body than the signed one", _body(elements[1], elements[0]), signed("swapped", good)),
        exchange(
            client, "a key that the custodian does not know", good, signed("stranger", good, key_id="carrier-z-1")
        ),
        *(
            exchange(client, why, body, signed(why, body))
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
        exchange(client, "another media type", good, signed("text", good, content_type="text/plain")),
    ]


def _body(*elements: bytes, epoch: int = EPOCH) -> bytes:
    return canonical_json({"epoch": epoch, "blinded_elements": [b64url_encode(each) for each in elements]})


def signed(
    label: str, body: bytes | None, *, key_id: str = "carrier-a-1", content_type: str = JSON, path: str = PATH
) -> dict[str, str]:
    """Sign a request (a GET without a body) as the carrier of the vectors; the label makes the nonce."""
    return sign_request(
        method="GET" if body is None else "POST",
        target_uri=URL + path,
        content_type=None if body is None else content_type,
        content_digest=None if body is None else content_digest(body),
        key_id=key_id,
        private_key=signing_key("carrier a"),
        created=NOW,
        nonce=b64url_encode(stream(f"nonce {label}")(18)),
    )
