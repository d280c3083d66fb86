"""Starting one role loads no other trust domain's code into the process."""

import subprocess
import sys

import pytest

from tests.support.root import ROOT

SCRIPT = """
import sys
import cli.main
from cli.roles import ROLES
from importlib import import_module
import_module(ROLES[{role!r}][0])
print(*sorted({{name.partition('.')[0] for name in sys.modules}}))
"""


@pytest.mark.parametrize(
    ("role", "strangers"),
    [
        ("custodian", {"registry", "api", "gateway", "migrations", "sqlalchemy"}),
        ("gateway", {"registry", "api", "custodian", "migrations", "sqlalchemy"}),
        ("audit", {"registry", "api", "custodian", "gateway", "migrations", "flask", "gunicorn", "sqlalchemy"}),
        ("keys", {"registry", "api", "custodian", "gateway", "migrations", "flask", "gunicorn", "sqlalchemy"}),
    ],
)
def test_a_role_loads_its_own_rooms_alone(role: str, strangers: set[str]) -> None:
    found = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(role=role)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(found.stdout.split()) & strangers == set()
