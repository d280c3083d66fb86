"""`make count` counts a small tree as one counts it by hand, and walks through the real one."""

import json
import textwrap
from pathlib import Path

import pytest

from scripts.count.figures import Figures, measure
from scripts.count.source import body_lines, read_modules
from scripts.count.spellings import files_per_field
from scripts.count.table import lists, tables
from scripts.count.walks import Tracer, product_files, touched_files
from tests.support.root import ROOT

MESSAGE = '''
    """A message."""

    import datetime
    from typing import (
        Any,
    )


    # A comment names costs_fen.
    class Report:
        """A report."""

        def to_wire(self) -> dict[str, Any]:
            """Write it.

            In one line.
            """
            return {"due_date": datetime.date.today()}

        @classmethod
        def from_wire(cls, document: dict[str, Any]) -> "Report":
            return cls()
'''
SCHEMA = '''
    """Schemas."""

    import marshmallow


    class Strict(marshmallow.Schema):
        """A base."""


    class Report(Strict):
        """A shape of costs_fen, and not of costs_fen_total."""


    class Receipt(Report):
        """A shape."""


    class Other:
        """No shape."""


    def receipt_document(report):
        return {}
'''
CLIENT = '''
    """A client."""


    class Client:
        """One client."""

        def quote(self) -> dict[str, Any]:
            return {}

        def quotes(self) -> list[dict[str, Any]]:
            return []

        def inquire(self) -> Answer:
            return Answer()

        def _get(self) -> dict[str, Any]:
            return {}
'''
OPENAPI = """
    components:
      schemas:
        RecordReport: {properties: {costs_fen: {}, due_date: {}}}
        Quote: {properties: {total_fen: {}}}
        Code: {type: string}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree of four modules, one package mark and a test that is no part of the product."""
    files = {
        "protocol/__init__.py": '"""Messages."""\n',
        "protocol/reports.py": MESSAGE,
        "api/schemas/reports.py": SCHEMA,
        "client/registry.py": CLIENT,
        "serving/long.py": "x = 1\n" * 301,
        "tests/test_reports.py": "costs_fen = 1\n",
        "openapi.yaml": OPENAPI,
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"))
    return tmp_path


@pytest.fixture
def counted(root: Path) -> Figures:
    return measure(root, revision="abc", walked=False)


def test_a_small_tree_has_the_figures_that_one_counts_by_hand(counted: Figures) -> None:
    assert counted.numbers == {
        "product_lines": 1 + 22 + 23 + 17 + 301,
        "product_files": 5,
        "import_percent": 1.4,  # 4 lines and 1 of 364
        "function_p50": 2,
        "function_p90": 2,
        "costs_fen": 2,
        "report_field_median": 1.5,
        "message_field_median": 1,
        "schema_classes": 3,
        "message_builders": 1,
        "wire_methods": 2,
        "loose_client_methods": 2,
        "short_modules": 3,
        "long_modules": 1,
    }


def test_a_body_has_no_blank_line_no_comment_no_import_and_no_docstring_of_the_module(root: Path) -> None:
    (module,) = (module for module in read_modules(root) if module.path == "protocol/reports.py")
    assert body_lines(module) == 2 + (1 + 4 + 1) + 3  # the class and its docstring, then two methods


def test_each_field_of_a_report_is_counted_once_a_file(counted: Figures) -> None:
    assert counted.report_fields == {"costs_fen": 2, "due_date": 1}
    assert files_per_field([], ["costs_fen"]) == {"costs_fen": 0}


def test_the_list_names_what_a_figure_counts(counted: Figures) -> None:
    shown = lists(counted)
    assert "  Client.quote\n  Client.quotes\n" in shown
    assert "modules over 300 lines:\n  serving/long.py" in shown
    assert "protocol/__init__.py" not in shown


def test_a_table_shows_both_trees_the_change_and_what_was_not_measured(counted: Figures) -> None:
    numbers = counted.numbers | {"product_lines": 3_364, "import_percent": 1.6, "inquiry_at_registry": 70}
    before = Figures(revision="old", numbers=numbers, report_fields={"due_date": 4})
    shown = tables(before, counted).splitlines()
    assert shown[0] == "| figure | before (old) | now (abc) | change | aim |"
    assert "| product lines | 3,364 | 364 | -3,000 | 3,000 fewer |" in shown
    assert "| import lines, % of product lines | 1.6 | 1.4 | -0.2 |  |" in shown
    assert "| files touched by one inquiry, at the registry | 70 | - |  | 45 |" in shown
    assert shown[-2:] == ["| `costs_fen` | - | 2 |  |", "| `due_date` | 4 | 1 | -3 |"]


def test_only_functions_that_run_during_an_act_touch_their_file(tmp_path: Path) -> None:
    text = "class Thing:\n    def __init__(self): pass\n    def work(self): pass\n"
    thing: dict[str, type] = {}
    tracer = Tracer()
    with tracer.listening():
        exec(compile(text, str(tmp_path / "api" / "a.py"), "exec"), thing)  # noqa: S102 - a module with a made-up name
        thing["Thing"]().work()
        with tracer.act("build"):
            built = thing["Thing"]()
        with tracer.act("work"):
            built.work()
    assert product_files(tmp_path, tracer.whole_way["build"]) == []
    assert product_files(tmp_path, tracer.whole_way["work"]) == ["api/a.py"]
    assert tracer.at_the_registry == {"build": set(), "work": set()}


def test_files_outside_the_product_do_not_count(tmp_path: Path) -> None:
    files = {
        str(tmp_path / "tests" / "world.py"),
        str(tmp_path / "api" / "door.py"),
        "/usr/lib/api/door.py",
        "<string>",
    }
    assert product_files(tmp_path, files) == ["api/door.py"]


def test_the_walk_goes_through_the_real_code_from_the_carrier_to_the_store() -> None:
    touched = touched_files(ROOT)
    for act in ("report", "inquiry", "settlement"):
        at_registry, whole_way = set(touched[f"{act}_at_registry"]), set(touched[f"{act}_whole_way"])
        assert at_registry < whole_way
        assert not {path for path in at_registry if path.startswith(("gateway/", "client/", "custodian/"))}
        assert {"gateway", "custodian", "crypto"} <= {path.partition("/")[0] for path in whole_way}
        assert "registry/store/transactions.py" in at_registry


def test_the_recorded_figures_have_each_figure_that_is_measured_now(counted: Figures) -> None:
    recorded = Figures(**json.loads((ROOT / "scripts/count/before.json").read_text()))
    walked = {f"{act}_{way}" for act in ("report", "inquiry", "settlement") for way in ("at_registry", "whole_way")}
    assert recorded.numbers.keys() == counted.numbers.keys() | walked
