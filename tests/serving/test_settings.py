"""A settings file is read strictly, and every refusal names file and key."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from serving.settings import SettingsError, Table, read_settings


class Example(NamedTuple):
    """Settings of no process, one of each kind."""

    name: str
    rows: int
    quick: bool
    key: Path
    peers: list[str]
    policy: Path | None
    members: list[tuple[str, str]]


def build(table: Table) -> Example:
    limits, log = table.table("limits"), table.optional_table("log")
    return Example(
        name=table.text("name", "nobody"),
        rows=limits.integer("rows", 10, most=1000),
        quick=table.flag("quick", default=False),
        key=table.file("key", "key.pem"),
        peers=[peer.text("url") for peer in table.tables("peer")],
        policy=None if log is None else log.optional_file("policy"),
        members=[(member.participant_id("id"), member.key_id("key_id")) for member in table.tables("member")],
    )


def read(tmp_path: Path, text: str, environment: Mapping[str, str] | None = None) -> Example:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    return read_settings(path, build, prefix="EXAMPLE_", environment=environment or {})


def test_what_the_file_leaves_out_has_its_default(tmp_path: Path) -> None:
    assert read(tmp_path, "") == ("nobody", 10, False, tmp_path / "key.pem", [], None, [])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("nmae = 'x'", "nmae is not known here (known: key, limits, log, member, name, peer, quick)"),
        ("[limits]\nrosw = 1", "limits.rosw is not known here (known: rows)"),
        ("[[peer]]\nurl = 'x'\n[[peer]]\nurl = 'y'\nulr = 'z'", "peer.ulr is not known here (known: url)"),
        ("name = ''", "name must be a text"),
        ("quick = 1", "quick must be true or false"),
        ("limits = 'SECRET'", "[limits] must be a table"),
        ("[peer]\nurl = 'x'", "peer must be written as [[peer]]"),
        ("[limits]\nrows = true", "limits.rows must be a whole number"),
        ("[limits]\nrows = '7'", "limits.rows must be a whole number"),
        ("[limits]\nrows = 0", "limits.rows must be at least 1"),
        ("[limits]\nrows = 1001", "limits.rows must be at most 1000"),
        ("name = SECRET", "not TOML"),
        ("[[member]]\nid = '-SECRET'\nkey_id = 'k'", "member.id must be a participant id"),
        ("[[member]]\nid = 'a'\nkey_id = 'SECRET key'", "member.key_id must be a key id"),
    ],
)
def test_a_wrong_setting_is_named_and_not_repeated(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, text)
    assert str(refused.value).startswith(f"{tmp_path / 'settings.toml'}: {complaint}")
    assert "SECRET" not in str(refused.value)


def test_the_environment_overrides_scalars_alone(tmp_path: Path) -> None:
    environment = {
        "EXAMPLE_NAME": "12",
        "EXAMPLE_LIMITS_ROWS": "20",
        "EXAMPLE_LOG_POLICY": "policy.txt",
        "EXAMPLE_QUICK": "true",
        "EXAMPLE_PEER": "x",
        "EXAMPLE_UNHEARD_OF": "x",
        "NAME": "x",
    }
    assert read(tmp_path, "", environment) == (
        "12", 20, False, tmp_path / "key.pem", [], tmp_path / "policy.txt", [],
    )  # fmt: skip
    with pytest.raises(SettingsError, match=r"limits\.rows must be at least 1"):
        read(tmp_path, "", {"EXAMPLE_LIMITS_ROWS": "-5"})
    with pytest.raises(SettingsError, match=r"limits\.rows must be a whole number"):
        read(tmp_path, "", {"EXAMPLE_LIMITS_ROWS": "9" * 5000})


def test_paths_are_relative_to_the_file_that_a_link_leads_to(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "settings.toml").write_text("key = 'a.pem'")
    (tmp_path / "link.toml").symlink_to(tmp_path / "real" / "settings.toml")
    assert read_settings(tmp_path / "link.toml", build, environment={}).key == tmp_path / "real" / "a.pem"


def test_bytes_that_are_to_become_the_file_are_read_in_its_place(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "none.toml", build, raw=b"name = 'x'", environment={}).name == "x"
    with pytest.raises(SettingsError, match=r"none\.toml: cannot be read"):
        read_settings(tmp_path / "none.toml", build, environment={})
