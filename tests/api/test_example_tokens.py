"""Every token in the OpenAPI documents is real: the specified header, a published key, its example's own words."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from docs.spec import example_tokens
from docs.spec.make_vectors import FOLDER
from tests.support.yaml_documents import from_yaml

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = {
    each["key_id"]: Ed25519PublicKey.from_public_bytes(bytes.fromhex(each["public_hex"]))
    for each in [
        *json.loads((FOLDER / "statements.json").read_bytes())["keys"],
        json.loads((FOLDER / "tallies.json").read_bytes())["key"],
    ]
}
TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
HEADER = re.compile(rb'\{"alg":"Ed25519","kid":"([A-Za-z0-9._:-]{1,64})","typ":"clearline-[a-z-]+\+jws"\}')


def texts(node: Any) -> set[str]:
    if isinstance(node, dict):
        return set().union(*(texts(each) for each in node.values()))
    if isinstance(node, list):
        return set().union(*(texts(each) for each in node))
    return {node} if isinstance(node, str) else set()


def decoded(segment: str) -> bytes:
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


DOCUMENTS = ("openapi.yaml", "openapi-gateway.yaml")
EXAMPLES = sorted(
    {
        token
        for name in DOCUMENTS
        for text in texts(from_yaml((ROOT / name).read_text(encoding="utf-8")))
        for token in TOKEN.findall(text)
    }
)


def test_the_documents_have_each_token_that_was_signed_and_no_other() -> None:
    made = {*example_tokens.tokens().values(), *example_tokens.gateways_tokens().values()}
    assert set(EXAMPLES) == made


@pytest.mark.parametrize("token", EXAMPLES)
def test_an_example_has_the_header_of_the_specification_and_verifies_under_a_published_key(token: str) -> None:
    header, payload, signature = token.split(".")
    matched = HEADER.fullmatch(decoded(header))
    assert matched is not None
    PUBLISHED[matched[1].decode()].verify(decoded(signature), f"{header}.{payload}".encode())
    claims = json.loads(decoded(payload))
    assert json.dumps(claims, sort_keys=True, separators=(",", ":")).encode() == decoded(payload)


def test_the_examples_are_signed_over_what_stands_around_them() -> None:
    for module, made in (
        (example_tokens.MODULE, example_tokens.tokens()),
        (example_tokens.GATEWAYS_MODULE, example_tokens.gateways_tokens()),
    ):
        written = module.read_text(encoding="utf-8")
        assert written == example_tokens.render(made), "run `python -m docs.spec.example_tokens`, then `make openapi`"
