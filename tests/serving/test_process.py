"""A process of ours leaves no core dump, lets no neighbour look in, and makes private files."""

import subprocess
import sys

import pytest

from tests.support.root import ROOT

STATE = """
import ctypes, os, resource, signal, sys
import click, cli.lazy

@click.command()
def told():
    mask = os.umask(0)
    dumpable = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) if sys.platform == "linux" else 0
    child = os.fork()
    if child == 0:
        os._exit(resource.getrlimit(resource.RLIMIT_CORE) != (0, 0))
    print(mask, dumpable, resource.getrlimit(resource.RLIMIT_CORE), os.waitpid(child, 0)[1])

cli.lazy.LazyGroup.get_command = lambda self, ctx, name: told
sys.argv = ["clearline", "told"]
from cli.main import main
main()
"""


@pytest.mark.parametrize(
    "start", ["", "import resource; resource.setrlimit(resource.RLIMIT_CORE, (1 << 20, 1 << 20))\n"]
)
def test_every_command_runs_without_core_dumps_and_with_a_private_umask(start: str) -> None:
    ended = subprocess.run([sys.executable, "-c", start + STATE], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout == f"{0o077} 0 (0, 0) 0\n"
