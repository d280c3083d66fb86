"""Starting one role loads no other trust domain's code into the process."""

import subprocess
import sys

import pytest

from tests.support.root import ROOT

SCRIPT = """
import sys
import click
from cli.main import command_line

role = command_line.get_command(click.Context(command_line), {role!r})
if isinstance(role, click.Group):
    for name in role.list_commands(click.Context(role)):
        role.get_command(click.Context(role), name)
print(*sorted({{name.partition('.')[0] for name in sys.modules}}))
"""
HELP = """
import sys
from cli.main import command_line
command_line.main([{role!r}, "--help"], standalone_mode=False)
print(*sorted({{name.partition('.')[0] for name in sys.modules}}), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("role", "strangers"),
    [
        ("custodian", {"registry", "api", "gateway", "migrations", "sqlalchemy"}),
        ("gateway", {"registry", "api", "custodian", "migrations", "sqlalchemy"}),
        ("audit", {"registry", "api", "custodian", "gateway", "migrations", "flask", "gunicorn", "sqlalchemy"}),
        ("grade", {"api", "custodian", "gateway", "migrations", "flask", "sqlalchemy", "scipy", "matplotlib"}),
        ("keys", {"registry", "api", "custodian", "gateway", "migrations", "flask", "gunicorn", "sqlalchemy"}),
    ],
)
def test_a_role_loads_its_own_rooms_alone(role: str, strangers: set[str]) -> None:
    found = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(role=role)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(found.stdout.split()) & strangers == set()


@pytest.mark.parametrize("role", ["custodian", "gateway", "registry"])
def test_help_imports_neither_a_framework_nor_a_driver_nor_cryptography(role: str) -> None:
    helped = subprocess.run(
        [sys.executable, "-c", HELP.format(role=role)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    heavy = {"alembic", "cryptography", "flask", "gunicorn", "httpx", "marshmallow", "rich", "sqlalchemy"}
    assert "serve" in helped.stdout
    assert set(helped.stderr.split()) & heavy == set()
