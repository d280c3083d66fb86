"""A process that integrates as fast as it can until its standard input is closed.

python -m tests.usecases.log.racing <database url> <folder> <log name>
"""

import json
import sys
import threading
from pathlib import Path

from crypto.signing.keys import load_private_key, public_bytes
from registry.store.engines import make_engines
from registry.store.transactions import Store
from registry.work.heads import LogHeads
from registry.work.integrator import Integrator
from registry.work.signer import LogSigner
from tests.support.log_entries import bare_registry


def main() -> None:
    url, folder, name = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    registry = bare_registry(Store(make_engines(url)), name, public_bytes(load_private_key(folder / "log.pem")))
    integrator = Integrator(
        registry,
        LogHeads(folder / "log-heads", registry.log),
        LogSigner(folder / "log.pem", registry.log.public_key),
        batch=20,
    )
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    done, faults = 0, set()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while not over.is_set():
        each = integrator.round()
        done += each.integrated
        faults |= set(each.faults)
    sys.stdout.write(json.dumps({"integrated": done, "faults": sorted(faults)}) + "\n")


if __name__ == "__main__":
    main()
