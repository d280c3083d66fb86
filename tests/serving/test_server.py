"""A server under gunicorn ends in time, also when the order to end comes while its worker starts."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.root import ROOT

SCRIPT = """
import os, signal, sys, time
from serving.server import EndingWorker, Server

class Told(Server):
    def load_config(self):
        settings = {"bind": "127.0.0.1:0", "worker_class": EndingWorker, "threads": 2, "graceful_timeout": 60,
                    "control_socket_disable": True, "loglevel": "error", "post_fork": told_at_once}
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self):
        return lambda environ, start_response: []

def told_at_once(server, worker):
    "In the worker, before it has handlers of its own: the whole server is told to end, and the master passes it on."
    os.kill(os.getppid(), int(sys.argv[1]))
    time.sleep(0.5)

Told().run()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_told_to_end_while_its_worker_starts_ends_at_once(number: signal.Signals, tmp_path: Path):
    script = tmp_path / "server.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(int(number))]
    ended = subprocess.run(command, env={"PYTHONPATH": str(ROOT)}, capture_output=True, timeout=30, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")
