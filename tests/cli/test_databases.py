"""A database that cannot be opened is said with its place and the reason, by every command that needs it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from registry.store.engines import make_engines
from registry.store.errors import DatabaseUrlRefused
from registry.store.transactions import Store
from tests.support.commands import called
from tests.support.databases import PostgresServer

COMMANDS = (
    ("migrate",),
    ("serve",),
    ("worker",),
    ("worker", "--once"),
    ("log", "status"),
    ("log", "check"),
    ("log", "begin"),
    ("clock", "show"),
)
PASSWORD = "s3cr3t-pass"
NOBODY = f"postgresql://clearline:{PASSWORD}@127.0.0.1:1/clearline"


@pytest.fixture
def with_database(registry: list[str], tmp_path: Path) -> Callable[[str], list[str]]:
    """The settings of a registry on a database of one's choice."""
    settings = tmp_path / "registry.toml"

    def write(url: str) -> list[str]:
        text = settings.read_text()
        settings.write_text(text.replace('"sqlite:///registry.db"', json.dumps(url)))
        assert settings.read_text() != text
        return registry

    return write


@pytest.mark.parametrize("command", [("init",), *COMMANDS], ids=" ".join)
def test_a_postgresql_that_does_not_answer_is_said_with_host_port_and_reason(
    capsys: pytest.CaptureFixture[str], with_database: Callable[[str], list[str]], command: tuple[str, ...]
) -> None:
    options = with_database(NOBODY)
    code, out, err = called(capsys, "registry", *command, *(options if command == ("init",) else options[:2]))
    assert (code, out) == (3, "")
    assert err == "clearline: the database at 127.0.0.1:1 cannot be reached: Connection refused\n"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_an_sqlite_file_that_cannot_be_opened_is_said(
    capsys: pytest.CaptureFixture[str],
    with_database: Callable[[str], list[str]],
    tmp_path: Path,
    command: tuple[str, ...],
) -> None:
    options = with_database("sqlite:///nowhere/registry.db")
    code, _, err = called(capsys, "registry", *command, *options[:2])
    place = tmp_path / "nowhere" / "registry.db"
    assert code in {1, 3}
    assert err.startswith(f"clearline: the database {place} cannot be reached: ") or f"{place}-turn: No such" in err


def test_a_file_that_is_no_database_is_said(
    capsys: pytest.CaptureFixture[str], with_database: Callable[[str], list[str]], tmp_path: Path
) -> None:
    (tmp_path / "other.db").write_bytes(b"no database at all" * 400)
    options = with_database("sqlite:///other.db")
    code, _, err = called(capsys, "registry", "serve", *options[:2])
    assert (code, err) == (
        3,
        f"clearline: the database {tmp_path}/other.db cannot be reached: file is not a database\n",
    )


def test_a_wrong_name_for_the_database_is_said_without_the_password(
    capsys: pytest.CaptureFixture[str], with_database: Callable[[str], list[str]], postgres: PostgresServer
) -> None:
    url = postgres.url("nobody_made_this")
    host = url.partition("host=")[2]
    options = with_database(f"postgresql://postgres:{PASSWORD}@/nobody_made_this?host={host}")
    code, _, err = called(capsys, "registry", "migrate", *options[:2])
    assert code == 3
    assert 'database "nobody_made_this" does not exist' in err
    assert PASSWORD not in err


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"postgresql://clearline:half@{PASSWORD}@db/clearline", "as %40"),
        (f"postgresql://clearline:{PASSWORD}@db:54x2/clearline", "is not a URL"),
        (PASSWORD, "is not a URL"),
        (f"mysql://clearline:{PASSWORD}@db/clearline", "runs on sqlite and on postgresql"),
        ("sqlite:///:memory:", "plain SQLite file"),
    ],
)
def test_a_url_that_names_no_database_is_refused_and_not_repeated(
    capsys: pytest.CaptureFixture[str], with_database: Callable[[str], list[str]], url: str, said: str
) -> None:
    with pytest.raises(DatabaseUrlRefused) as refused:
        make_engines(url)
    assert said in str(refused.value)
    assert PASSWORD not in str(refused.value)
    code, _, err = called(capsys, "registry", "serve", *with_database(url)[:2])
    assert (code, err.count("\n")) == (1, 1)
    assert PASSWORD not in err
    assert "unexpected" not in err


def test_the_password_is_cut_out_of_what_the_driver_says(
    capsys: pytest.CaptureFixture[str], with_database: Callable[[str], list[str]]
) -> None:
    options = with_database(f"postgresql://clearline:{PASSWORD}@127.0.0.1:1/clearline?sslmode={PASSWORD}")
    code, _, err = called(capsys, "registry", "migrate", *options[:2])
    assert (code, PASSWORD in err) == (3, False)
    assert "the database at 127.0.0.1:1 cannot be reached: " in err


def test_a_database_that_goes_away_later_is_told_to_the_log_with_its_place(caplog: pytest.LogCaptureFixture) -> None:
    engines = make_engines(NOBODY)
    with pytest.raises(Exception, match="cannot answer now"):
        Store(engines, sleep=lambda _: None, attempts=2).ping()
    engines.close()
    assert "the database at 127.0.0.1:1 cannot be reached: Connection refused" in caplog.text
    assert PASSWORD not in caplog.text


def test_a_ledger_that_cannot_be_opened_is_said_before_the_custodian_listens(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert called(capsys, "ceremony", "deal", "--out", str(tmp_path))[0] == 0
    (tmp_path / "ledger.db").write_bytes(b"no ledger at all" * 400)
    settings = tmp_path / "custodian.toml"
    settings.write_text(
        'index = 1\nepoch = 1\nthreshold = 2\nshare = "share-1.json"\ndemonstration = true\n'
        'public_url = "http://127.0.0.1:9101"\n'
        'listen = "127.0.0.1:1"\ndatabase = "ledger.db"\ndaily_quota = 10\n[[carrier]]\nid = "carrier-a"\n'
        'key_id = "carrier-a-1"\npublic_key = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"\n'
    )
    code, _, err = called(capsys, "custodian", "serve", "--config", str(settings))
    assert (code, err) == (1, f"clearline: {tmp_path}/ledger.db: the ledger cannot be opened: file is not a database\n")
