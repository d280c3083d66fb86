"""Writes the vectors of docs/spec/tokens.md: from the typed text to the token N and the registry's index keys."""

# ruff: noqa: INP001 (a script's part, beside the pages it serves)

import datetime as dt
import itertools
from collections.abc import Callable, Sequence
from typing import Final

from crypto.envelope.index_key import HOUSEHOLD_ADDRESS, HOUSEHOLD_REGISTER, SUBJECT, index_key
from crypto.errors import CryptoRefusal
from crypto.oprf import client, dleq, group, threshold
from crypto.oprf.suite import Mode, hash_to_group
from docs.spec.fixed import scalar, stream
from protocol import household, identifiers
from protocol.identifiers import DocumentKind, parse_document

THRESHOLD: Final = 2
COUNT: Final = 3
PEPPER: Final = stream("pepper")(32)
DOMAINS: Final = {
    "subject": SUBJECT,
    "household-register": HOUSEHOLD_REGISTER,
    "household-address": HOUSEHOLD_ADDRESS,
}
TODAY: Final = dt.date(2026, 11, 21)
RESIDENT: Final = "11010519491231002X"
ADDRESS: Final = "云南省昆明市五华区学府路12号7号楼2单元802室"


def content() -> dict[str, object]:
    """Write three inputs one by one, then the three as one batch with one proof, then refused values."""
    dealing = the_dealing()
    inputs = _inputs()
    blinds = [scalar(f"blind {number}") for number in range(len(inputs))]
    return {
        "suite": "ristretto255-SHA512",
        "context_string_hex": Mode.VOPRF.context_string.hex(),
        "threshold": dealing.threshold,
        "joint_public_key_hex": dealing.joint_public_key.hex(),
        "shares": [{"index": each.index, "sk_hex": each.sk.hex(), "pk_hex": each.pk.hex()} for each in dealing.shares],
        "lagrange": [
            {"indexes": list(pair), "coefficients_hex": _by_index(threshold.lagrange_coefficients(pair))}
            for pair in _pairs(dealing)
        ],
        "index": {"pepper_hex": PEPPER.hex(), "domain_hex": {name: tag.hex() for name, tag in DOMAINS.items()}},
        "tokens": [
            _token(dealing, typed, private_input, blind, number)
            for number, ((typed, private_input), blind) in enumerate(zip(inputs, blinds, strict=True))
        ],
        "batch": _batch(dealing, [private_input for _, private_input in inputs], blinds),
        "refused": _refused(dealing),
    }


def the_dealing() -> threshold.Dealing:
    """Make the three shares of the vectors, two of which are needed."""
    return threshold.deal(scalar("joint key"), THRESHOLD, COUNT, stream("coefficient 1"))


def _inputs() -> list[tuple[dict[str, str], bytes]]:
    document = parse_document(DocumentKind.RESIDENT_ID, RESIDENT, today=TODAY)
    register, address = household.household_register_input("5301020000123"), household.household_address_input(ADDRESS)
    if register is None or address is None:
        raise ValueError("the households of the vectors have keys")
    return [
        (
            {"domain": "subject", "kind": "RESIDENT_ID", "issuer": "CHN", "text": RESIDENT},
            identifiers.oprf_input(document),
        ),
        ({"domain": "household-register", "text": "5301020000123"}, register),
        ({"domain": "household-address", "text": ADDRESS}, address),
    ]


def _token(
    dealing: threshold.Dealing, typed: dict[str, str], private_input: bytes, blind: bytes, number: int
) -> dict[str, object]:
    blinded = client.blind(private_input, stream(f"blind {number}"))
    evaluated = {share.index: group.multiply(share.sk, blinded.blinded_element) for share in dealing.shares}
    tokens = [
        threshold.combine(blind, {index: evaluated[index] for index in pair}, threshold=THRESHOLD)
        for pair in _pairs(dealing)
    ]
    return {
        "typed": typed,
        "oprf_input_hex": private_input.hex(),
        "input_element_hex": hash_to_group(private_input, Mode.VOPRF).hex(),
        "blind_hex": blind.hex(),
        "blinded_element_hex": blinded.blinded_element.hex(),
        "evaluations": [_evaluation(share, [blinded.blinded_element], f"input {number}") for share in dealing.shares],
        "combinations": [
            {
                "indexes": list(pair),
                "unblinding_scalars_hex": _by_index(threshold.unblinding_scalars([blind], pair)[0]),
                "token_hex": token.hex(),
            }
            for pair, token in zip(_pairs(dealing), tokens, strict=True)
        ],
        "index_keys_hex": {name: index_key(PEPPER, tag, tokens[0]).hex() for name, tag in DOMAINS.items()},
    }


def _evaluation(share: threshold.Share, blinded_elements: Sequence[bytes], what: str) -> dict[str, object]:
    evaluated = [group.multiply(share.sk, element) for element in blinded_elements]
    r = scalar(f"r of share {share.index} for {what}")
    proof = dleq.generate_proof(share.sk, group.GENERATOR, share.pk, blinded_elements, evaluated, r=r)
    M, Z = dleq.compute_composites(share.pk, blinded_elements, evaluated)  # noqa: N806 (the RFC's names)
    return {
        "index": share.index,
        "evaluated_elements_hex": [element.hex() for element in evaluated],
        "composite_M_hex": M.hex(),
        "composite_Z_hex": Z.hex(),
        "r_hex": r.hex(),
        "proof_hex": proof.hex(),
    }


def _batch(dealing: threshold.Dealing, private_inputs: list[bytes], blinds: list[bytes]) -> dict[str, object]:
    elements = [
        group.multiply(blind, hash_to_group(private_input, Mode.VOPRF))
        for private_input, blind in zip(private_inputs, blinds, strict=True)
    ]
    return {
        "blinded_elements_hex": [element.hex() for element in elements],
        "evaluations": [_evaluation(share, elements, "the batch") for share in dealing.shares],
    }


def _refused(dealing: threshold.Dealing) -> dict[str, object]:
    generator = group.GENERATOR
    elements = {
        "the identity": bytes(32),
        "the top bit of a good element is set": generator[:-1] + bytes([generator[-1] | 0x80]),
        "not reduced: the field prime": (2**255 - 19).to_bytes(32, "little"),
        "negative": b"\x01" + bytes(31),
        "31 bytes": generator[:31],
    }
    scalars = {"zero": bytes(32), "L": group.L.to_bytes(32, "little"), "L + 1": (group.L + 1).to_bytes(32, "little")}
    return {
        "elements": [_fault(why, value, group.check_element) for why, value in elements.items()],
        "scalars": [_fault(why, value, group.check_scalar) for why, value in scalars.items()],
        "evaluations": _refused_evaluations(dealing),
    }


def _refused_evaluations(dealing: threshold.Dealing) -> list[dict[str, object]]:
    first, second, _ = dealing.shares
    asked = [group.multiply(scalar(f"wrong {number}"), group.GENERATOR) for number in range(2)]
    evaluated = [group.multiply(first.sk, element) for element in asked]
    r = scalar("r of the refused")
    proof = dleq.generate_proof(first.sk, group.GENERATOR, first.pk, asked, evaluated, r=r)
    s_plus_order = (int.from_bytes(proof[32:], "little") + group.L).to_bytes(32, "little")
    cases = {
        "another share's public key": (second.pk, asked, evaluated, proof),
        "the evaluated elements are in another order": (first.pk, asked, evaluated[::-1], proof),
        "both lists are in another order than the one proved": (first.pk, asked[::-1], evaluated[::-1], proof),
        "one evaluated element is doubled": (first.pk, asked, [group.add(*evaluated[:1] * 2), evaluated[1]], proof),
        "s + L, another spelling of s": (first.pk, asked, evaluated, proof[:32] + s_plus_order),
        "c is zero": (first.pk, asked, evaluated, bytes(32) + proof[32:]),
        "an element is missing": (first.pk, asked, evaluated[:1], proof),
    }
    return [_refused_evaluation(why, *case) for why, case in cases.items()]


def _refused_evaluation(
    why: str, pk: bytes, asked: Sequence[bytes], evaluated: Sequence[bytes], proof: bytes
) -> dict[str, object]:
    try:
        threshold.verify_evaluation(pk, asked, evaluated, proof)
    except CryptoRefusal:
        return {
            "why": why,
            "pk_hex": pk.hex(),
            "blinded_elements_hex": [element.hex() for element in asked],
            "evaluated_elements_hex": [element.hex() for element in evaluated],
            "proof_hex": proof.hex(),
        }
    raise ValueError(f"an evaluation that has to be refused is not: {why}")


def _fault(why: str, value: bytes, check: Callable[[bytes], None]) -> dict[str, object]:
    try:
        check(value)
    except CryptoRefusal:
        return {"why": why, "hex": value.hex()}
    raise ValueError(f"a value that has to be refused is not: {why}")


def _pairs(dealing: threshold.Dealing) -> list[tuple[int, ...]]:
    return list(itertools.combinations([share.index for share in dealing.shares], THRESHOLD))


def _by_index(scalars: dict[int, bytes]) -> dict[str, str]:
    return {str(index): value.hex() for index, value in scalars.items()}
