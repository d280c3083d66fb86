"""A process of ours leaves no core dump or swapped page, lets no neighbour look in, and makes private files."""

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


LOCKING = """
import os, resource, sys
from serving.process import lock_memory
if sys.argv[1] == "bounded":
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (1 << 16, 1 << 16))
    if os.geteuid() == 0:
        os.setuid(65534)
before = resource.getrlimit(resource.RLIMIT_MEMLOCK)
print(lock_memory())
held = bytearray(8 << 20)  # later memory is locked too, or refused by nobody
state = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(int(state["VmLck"].split()[0]), before == resource.getrlimit(resource.RLIMIT_MEMLOCK))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems lock nothing")
@pytest.mark.parametrize("limit", ["as it is", "bounded"])
def test_the_memory_of_a_process_is_locked_whole_or_not_at_all_and_the_log_says_which(limit: str) -> None:
    ended = subprocess.run([sys.executable, "-c", LOCKING, limit], cwd=ROOT, capture_output=True, text=True, check=True)
    line, figures = ended.stdout.splitlines()
    locked, same_limit = figures.split()
    if limit == "bounded":
        assert line.startswith("memory is not locked, keys may go to swap")
        assert same_limit == "True"
    if line == "memory is locked: no key goes to swap":
        assert int(locked) > 8 << 10
    else:
        assert int(locked) == 0


@pytest.mark.parametrize(
    "start", ["", "import resource; resource.setrlimit(resource.RLIMIT_CORE, (1 << 20, 1 << 20))\n"]
)
def test_every_command_runs_without_core_dumps_and_with_a_private_umask(start: str) -> None:
    ended = subprocess.run([sys.executable, "-c", start + STATE], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout == f"{0o077} 0 (0, 0) 0\n"
