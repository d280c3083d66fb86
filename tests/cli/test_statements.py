"""A statement that is printed into a file: only its owner reads it, and none is counted that cannot be kept."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from api.examples.statements import STATEMENT
from cli.gateway import statements
from cli.main import main
from protocol.messages.statements import Statement
from protocol.wire.codec import read

PERSON = b'{"document": {"kind": "RESIDENT_ID", "number": "11010519491231002X"}}'


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked for at the registry; each is answered with the statement of the documentation."""
    asked: list[str] = []

    def statement(_identity: object, *, idempotency_key: str | None) -> Statement:
        asked.append(str(idempotency_key))
        return read(Statement, STATEMENT)

    @contextmanager
    def build(_settings: object) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(statement=statement)

    monkeypatch.setattr(statements, "build", build)
    monkeypatch.setattr("gateway.settings.load", lambda _config: None)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(PERSON)))
    return asked


def print_to(out: Path) -> int:
    config = out.with_name("gateway.toml")
    config.touch()
    with pytest.raises(SystemExit) as end:
        main(["gateway", "statement", "--language", "zh", "--out", str(out), "--config", str(config)])
    return int(end.value.code or 0)


def test_what_is_held_about_a_person_is_written_for_its_owner_alone(given: list[str], tmp_path: Path) -> None:
    out = tmp_path / "statement.md"
    assert print_to(out) == 0
    assert out.read_text(encoding="utf-8").startswith("# 您的信息查询单")
    assert out.stat().st_mode & 0o777 == 0o600
    assert len(given) == 1


def test_a_statement_that_could_not_be_kept_is_not_asked_for(
    given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "statement.md"
    out.write_text("somebody else's")
    assert print_to(out) == 1
    assert "exists already and is not overwritten" in capsys.readouterr().err
    assert (out.read_text(), given) == ("somebody else's", [])
