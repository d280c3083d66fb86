"""The vectors that other implementations test themselves with are what this code does."""

import json

import pytest

from docs.spec import make_vectors
from protocol.accounts import AccountCode
from protocol.characters import table
from protocol.encodings import EncodingError, b64url_decode, parse_time
from protocol.identifiers import DocumentCode, DocumentKind
from protocol.strict_json import StrictJsonCode

CHARACTERS = "5841fda24368b17dbde390de786474e24ac3b501a0700f52a7cbabcf4263606d"
DIVISIONS = "2245716b825f9ce17ad50bc0fdc9176d7b8d356f927937afcf103efc1305fcf6"


@pytest.mark.parametrize(
    "name", ["identifiers.json", "household.json", "addresses.json", "accounts.json", "encodings.json"]
)
def test_the_committed_vectors_are_what_the_code_gives(name: str) -> None:
    assert (make_vectors.FOLDER / name).read_bytes() == make_vectors.files()[name]


def test_every_vector_file_is_generated() -> None:
    assert {each.name for each in make_vectors.FOLDER.iterdir()} == set(make_vectors.files())


def test_the_table_of_divisions_is_the_one_that_keys_were_made_with() -> None:
    """Another table moves people to other keys: see docs/spec/household.md before changing this figure."""
    assert make_vectors.divisions_digest() == DIVISIONS


def test_the_table_of_characters_is_the_one_that_keys_were_made_with() -> None:
    assert make_vectors.characters_digest() == CHARACTERS


def test_the_table_of_characters_changes_nothing_twice() -> None:
    forms = {chr(point): form for point, form in table().items()}
    assert not {form for form in forms.values() if form in forms}
    assert all(len(form) == 1 for form in forms.values())


def test_the_vectors_of_accounts_cover_every_refusal() -> None:
    cases = json.loads((make_vectors.FOLDER / "accounts.json").read_bytes())["cases"]
    assert {each["refused"] for each in cases if "refused" in each} == set(AccountCode)


def test_the_vectors_cover_every_kind_and_every_refusal() -> None:
    cases = json.loads((make_vectors.FOLDER / "identifiers.json").read_bytes())["cases"]
    assert {each["kind"] for each in cases if "number" in each} == set(DocumentKind)
    assert {each["refused"] for each in cases if "refused" in each} == set(DocumentCode)
    bodies = json.loads((make_vectors.FOLDER / "encodings.json").read_bytes())["strict_json"]
    by_their_size_or_shape = {StrictJsonCode.TOO_LARGE, StrictJsonCode.NOT_AN_OBJECT}
    assert {each["refused"] for each in bodies if "refused" in each} == set(StrictJsonCode) - by_their_size_or_shape


def test_the_vectors_of_bytes_and_times_read_back() -> None:
    vectors = json.loads((make_vectors.FOLDER / "encodings.json").read_bytes())
    for each in vectors["base64url"]:
        assert b64url_decode(each["text"]).hex() == each["hex"]
    for each in vectors["times"]:
        assert parse_time(each["text"]) == parse_time(each["text"]).fromisoformat(each["iso"])
    for text in vectors["base64url_refused"]:
        with pytest.raises(EncodingError):
            b64url_decode(text)


def test_every_page_of_the_specification_names_vectors_that_exist() -> None:
    for page in make_vectors.FOLDER.parent.glob("*.md"):
        for name in make_vectors.files():
            if f"vectors/{name}" in page.read_text(encoding="utf-8"):
                break
        else:
            pytest.fail(f"{page.name} names no vectors")
