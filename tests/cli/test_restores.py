"""A restore from the command line: declared, above what anybody has seen, and compared with what others hold."""

from pathlib import Path

import pytest

from tests.support.commands import answered, called


def test_each_declaration_is_larger_than_what_anybody_has_seen(
    capsys: pytest.CaptureFixture[str], config: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "incarnation"
    assert answered(capsys, "registry", "restored", *config, "--json") == {"incarnation": 2, "before": 1}
    file.write_text("8\n")
    assert answered(capsys, "registry", "restored", *config, "--json") == {"incarnation": 9, "before": 2}
    for damage in ("", "07\n", "8192\n", "-1\n"):
        file.write_text(damage)
        code, out, err = called(capsys, "registry", "restored", *config)
        assert (code, out) == (1, "")
        assert "incarnation-malformed" in err
    told = answered(capsys, "registry", "restored", "--above", "40", *config, "--json")
    assert (told["incarnation"], file.read_text()) == (41, "41\n")
    assert answered(capsys, "registry", "log", "status", *config)["incarnation"] == 41


def test_the_check_tells_a_person_what_is_missing_and_what_to_send(
    capsys: pytest.CaptureFixture[str], config: list[str], tmp_path: Path
) -> None:
    called(capsys, "registry", "worker", "--once", *config)
    code, out, _ = called(capsys, "registry", "restore-check", *config)
    assert code == 0
    assert "0 lost; sound" in out
    assert "To The operator (operator): the registry's database was restored." in out
    (tmp_path / "nothing").write_text("nothing")
    code, out, err = called(capsys, "registry", "restore-check", "--seen", str(tmp_path / "nothing"), *config)
    assert (code, out) == (1, "")
    assert "evidence-malformed" in err
    # A folder is somebody's whole one: what is no evidence in it is named, and left out.
    (tmp_path / "collected").mkdir()
    (tmp_path / "nothing").rename(tmp_path / "collected" / "nothing")
    code, _, err = called(capsys, "registry", "restore-check", "--seen", str(tmp_path / "collected"), *config)
    assert (code, "left out" in err) == (0, True)


def test_the_file_may_lie_elsewhere(capsys: pytest.CaptureFixture[str], config: list[str], tmp_path: Path) -> None:
    settings = tmp_path / "registry.toml"
    settings.write_text(f'{settings.read_text()}incarnation_file = "kept/number"\n')
    (tmp_path / "kept").mkdir()
    called(capsys, "registry", "worker", "--once", *config)
    assert (tmp_path / "kept" / "number").read_text() == "1\n"
