"""The mutation run breaks lines of real modules, and finds the tests that can see them."""

import ast
import importlib.util
import random
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mutants", ROOT / "scripts" / "mutants.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutants"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", ["registry/policy/rules.py", "protocol/registers.py", "crypto/tlog/note.py"])
def test_every_mutant_is_a_program_that_differs_from_its_module(script: ModuleType, path: str) -> None:
    source = (ROOT / path).read_bytes()
    mutants = [mutant for place in script.mutants_of(ROOT / path) for mutant in place]
    assert len(mutants) > 20
    for mutant in mutants:
        changed = source[: mutant.start] + mutant.after.encode() + source[mutant.end :]
        assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(source)), mutant


def test_a_seed_draws_the_same_mutants_again(script: ModuleType) -> None:
    drawn = [script.sample(("registry/policy",), 30, random.Random(seed)) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert {len(mutants) for mutants in drawn} == {30}


@pytest.mark.parametrize("room", ["registry/policy", "registry/domain", "protocol", "crypto", "custodian", "gateway"])
def test_every_module_that_judges_is_seen_by_the_tests_of_its_room(script: ModuleType, room: str) -> None:
    assert room in script.ROOMS
    for path in (ROOT / room).rglob("*.py"):
        tests = script.near_tests(ROOT, str(path.relative_to(ROOT)))
        assert tests
        assert all(test.startswith(f"tests/{Path(room).name}/") for test in tests)


def test_a_room_without_tests_of_its_own_is_seen_by_those_who_import_it(script: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "tests" / "elsewhere").mkdir(parents=True)
    (tmp_path / "tests" / "elsewhere" / "test_other.py").write_text("from room.other import value\n")
    assert script.near_tests(tmp_path, "room/thing.py") == []
    assert script.far_tests(tmp_path, "room/thing.py") == ["tests/elsewhere/test_other.py"]
    assert script.near_tests(ROOT, "client/nothing/there.py")
