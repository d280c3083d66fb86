"""A key id has one form: in the pages, in each parser, in the HTTP document and in every column."""

import re
from pathlib import Path

from sqlalchemy import String

from crypto.signing import keys
from docs.spec.make_vectors import FOLDER
from protocol import names
from registry.store.columns import metadata
from tests.support.yaml_documents import from_yaml

ROOT = Path(__file__).resolve().parents[2]


def test_both_parsers_read_the_same_form() -> None:
    assert keys.KEY_ID.pattern == names.KEY_ID
    assert keys.MAX_KEY_ID == names.MAX_KEY_ID


def test_the_pages_state_the_bound_that_the_code_enforces() -> None:
    stated = {
        page.name: re.findall(r"1 to (\d+) of `A-Z a-z 0-9 \. _ : -`", page.read_text(encoding="utf-8"))
        for page in FOLDER.parent.glob("*.md")
    }
    assert {name: bounds for name, bounds in stated.items() if bounds} == {
        "signatures.md": [str(names.MAX_KEY_ID)],
        "statements.md": [str(names.MAX_KEY_ID)],
    }


def test_the_http_document_has_it_wherever_it_names_a_key() -> None:
    schemas = from_yaml((ROOT / "openapi.yaml").read_text(encoding="utf-8"))["components"]["schemas"]
    fields = [
        (field.get("maxLength"), field["pattern"])
        for schema in schemas.values()
        for name, field in schema.get("properties", {}).items()
        if name.endswith("key_id") and "pattern" in field
    ]
    assert fields
    assert set(fields) == {(names.MAX_KEY_ID, f"^(?:{names.KEY_ID})$")}


def test_every_column_of_a_key_id_is_so_wide() -> None:
    columns = [each for table in metadata.tables.values() for each in table.columns if each.name.endswith("key_id")]
    assert columns
    assert {each.type.length for each in columns if isinstance(each.type, String)} == {names.MAX_KEY_ID}
