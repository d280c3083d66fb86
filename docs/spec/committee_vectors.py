"""Writes the vectors of committees: two of one key, their canaries and tokens, and a custodian that serves both."""

# ruff: noqa: INP001 (a script's part, beside the pages it serves)

import contextlib
import datetime as dt
import itertools
import pathlib
import tempfile
from typing import Final

from flask.testing import FlaskClient

from crypto.envelope.provider import Unsealed
from crypto.oprf import client, dleq, group, threshold
from crypto.oprf.canary import canary_element
from crypto.oprf.suite import Mode, hash_to_group
from crypto.oprf.threshold import Dealing, Share
from crypto.signing.keys import public_bytes
from custodian.ledger import Ledger
from custodian.share_book import ShareBook
from docs.spec.evaluation_vectors import EPOCH, QUOTA, URL, a_custodian, exchange, hold, share_of, signed
from docs.spec.fixed import NOW, scalar, signing_key, stream
from docs.spec.token_vectors import the_dealing
from protocol.encodings import b64url_encode, canonical_json, format_time

_KEY_PATH: Final = "/v1/key"
_KEEPS: Final = dt.timedelta(days=30)
_INPUT: Final = b"committees"


def content() -> dict[str, object]:
    """Write canaries, two committees of the key of tokens.json, and the exchanges with a custodian that is in both."""
    dealings = {1: the_dealing(), 2: second_dealing()}
    return {
        "joint_public_key_hex": dealings[1].joint_public_key.hex(),
        "canaries": [{"epoch": epoch, "element_hex": canary_element(epoch).hex()} for epoch in (1, 2, 10)],
        "canary_hex": group.multiply(scalar("joint key"), canary_element(EPOCH)).hex(),
        "committees": [_committee(number, dealing) for number, dealing in dealings.items()],
        "token": _token(dealings),
        "refused_evaluations": [_mixed(dealings)],
        "custodian": _custodian(dealings),
    }


def second_dealing() -> Dealing:
    """Make committee 2 of the same key: three of five. A ceremony makes one without anybody who knows the key."""
    numbers = itertools.count(1)

    def random(count: int) -> bytes:
        return stream(f"committee 2 coefficient {next(numbers)}")(count)

    return threshold.deal(scalar("joint key"), 3, 5, random)


def _committee(number: int, dealing: Dealing) -> dict[str, object]:
    return {
        "committee": number,
        "threshold": dealing.threshold,
        "shares": [
            {
                "index": share.index,
                "sk_hex": share.sk.hex(),
                "pk_hex": share.pk.hex(),
                "canary_hex": group.multiply(share.sk, canary_element(EPOCH)).hex(),
            }
            for share in dealing.shares
        ],
    }


def _token(dealings: dict[int, Dealing]) -> dict[str, object]:
    blinded = client.blind(_INPUT, stream("blind of committees"))
    combinations = []
    for number, dealing in dealings.items():
        chosen = dealing.shares[-dealing.threshold :]
        evaluated = {share.index: group.multiply(share.sk, blinded.blinded_element) for share in chosen}
        token = threshold.combine(blinded.blind, evaluated, threshold=dealing.threshold)
        combinations.append({"committee": number, "indexes": sorted(evaluated), "token_hex": token.hex()})
    return {
        "oprf_input_hex": _INPUT.hex(),
        "input_element_hex": hash_to_group(_INPUT, Mode.VOPRF).hex(),
        "blind_hex": blinded.blind.hex(),
        "blinded_element_hex": blinded.blinded_element.hex(),
        "combinations": combinations,
    }


def _mixed(dealings: dict[int, Dealing]) -> dict[str, object]:
    old, new = (dealing.shares[0] for dealing in dealings.values())
    asked = [client.blind(_INPUT, stream("blind of committees")).blinded_element]
    evaluated = [group.multiply(new.sk, each) for each in asked]
    return {
        "why": "committee 2's share against committee 1's public key of the same member",
        "pk_hex": old.pk.hex(),
        "blinded_elements_hex": [each.hex() for each in asked],
        "evaluated_elements_hex": [each.hex() for each in evaluated],
        "proof_hex": _proof(new, asked, evaluated).hex(),
    }


def _proof(share: Share, asked: list[bytes], evaluated: list[bytes]) -> bytes:
    return dleq.generate_proof(share.sk, group.GENERATOR, share.pk, asked, evaluated, r=scalar("r of committees"))


def _custodian(dealings: dict[int, Dealing]) -> dict[str, object]:
    """Write a run with custodian 1, which serves committees 1 and 2; its share of 3 is pending, its share of 4 over."""
    private = signing_key("carrier a")
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.closing(Ledger(pathlib.Path(folder, "ledger.db"))) as ledger,
    ):
        book = ShareBook(pathlib.Path(folder, "shares"), Unsealed())
        for number, dealing in (dealings | {4: dealings[2]}).items():
            hold(book, share_of(dealing, committee=number))
        book.add_pending(share_of(dealings[2], committee=3))
        book.retire(EPOCH, 1, NOW + _KEEPS)
        book.retire(EPOCH, 4, NOW)
        exchanges = _exchanges(a_custodian(ledger, book).test_client())
    return {
        "now": format_time(NOW),
        "public_url": URL,
        "carrier": {"key_id": "carrier-a-1", "public_hex": public_bytes(private).hex()},
        "index": 1,
        "serves": [1, 2],
        "daily_quota": QUOTA,
        "random_hex": stream("randomness of custodian 1")(group.UNIFORM_BYTES).hex(),
        "exchanges": exchanges,
    }


def _exchanges(custodian: FlaskClient) -> list[dict[str, object]]:
    element = b64url_encode(client.blind(_INPUT, stream("blind of committees")).blinded_element)
    requests: tuple[tuple[str, dict[str, object]], ...] = (
        ("no committee: the first", {}),
        ("committee 1 by its number", {"committee": 1}),
        ("committee 2", {"committee": 2}),
        ("a committee whose share is pending", {"committee": 3}),
        ("a committee whose share has retired", {"committee": 4}),
        ("a committee that there is not", {"committee": 5}),
        ("another epoch, whatever the committee", {"epoch": EPOCH + 1, "committee": 2}),
        ("committee 0", {"committee": 0}),
        ("a committee beyond the bound", {"committee": 2**31}),
        ("a committee that is a text", {"committee": "2"}),
    )
    asked = [exchange(custodian, "the key", None, signed("the key", None, path=_KEY_PATH), path=_KEY_PATH)]
    for why, members in requests:
        body = canonical_json({"epoch": EPOCH, "blinded_elements": [element]} | members)
        asked.append(exchange(custodian, why, body, signed(why, body)))
    return asked
