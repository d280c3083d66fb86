"""A house that listens on loopback: a registry, three custodians, and the settings files of three carriers."""

import datetime as dt
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from werkzeug.serving import make_server

from crypto.oprf.threshold import deal
from crypto.signing.keys import public_bytes, save_private_key
from custodian import app as custodians
from custodian.authn import Door
from custodian.ledger import Ledger
from custodian.settings import Admission, CarrierKey
from protocol.encodings import b64url_encode
from registry.store.engines import make_engines
from registry.store.transactions import Store
from tests.support.apps import an_app
from tests.support.share_books import a_share, served
from tests.support.world import World, found_world, real_guard

CARRIERS = ("carrier-a", "carrier-b", "carrier-c")


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class House:
    """Where the settings of each carrier lie."""

    folder: Path
    configs: dict[str, Path]


@contextmanager
def listening(folder: Path, database: Path) -> Iterator[House]:
    """``database`` is a migrated and empty one; everybody is on the system's time."""
    with ExitStack() as stack:
        engines = make_engines(f"sqlite:///{database}")
        stack.callback(engines.close)
        door = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        world = found_world(Store(engines), public_url=_url(door), at=now())
        _serve(stack, door, an_app(replace(world.registry, clock=now, guard=real_guard())))
        carriers = tuple(
            CarrierKey(carrier=each, key_id=f"{each}-1", public_key=public_bytes(world.signing_keys[each]))
            for each in CARRIERS
        )
        admission = Admission(carriers=carriers, daily_quota=1_000_000)
        dealing = deal(None, 2, 3, os.urandom)
        members = []
        for index in (1, 2, 3):
            opened = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            ledger = Ledger(folder / f"ledger-{index}.db")
            stack.callback(ledger.close)
            app = custodians.create_app(
                shares=served(folder / f"shares-{index}", a_share(dealing, index)),
                door=Door(public_url=_url(opened), admission=lambda: admission, ledger=ledger, clock=now),
                ledger=ledger,
                clock=now,
                random=os.urandom,
            )
            _serve(stack, opened, app)
            members.append((index, _url(opened), dealing.shares[index - 1].pk))
        pins = (
            f'[custodians]\nepoch = 1\nthreshold = 2\njoint_public_key = "{b64url_encode(dealing.joint_public_key)}"\n'
        )
        pins += "".join(
            f'[[custodians.member]]\nindex = {index}\nurl = "{url}"\npublic_key = "{b64url_encode(key)}"\n'
            for index, url, key in members
        )
        yield House(folder=folder, configs={each: _configured(folder, world, each, pins) for each in CARRIERS})


def _configured(folder: Path, world: World, carrier: str, pins: str) -> Path:
    home = folder / carrier
    home.mkdir()
    save_private_key(world.signing_keys[carrier], home / "signing.pem")
    (home / "account.key").touch(mode=0o600)
    (home / "account.key").write_text(b64url_encode(os.urandom(32)))
    (home / "gateway.toml").write_text(
        f'[carrier]\nid = "{carrier}"\nkey_id = "{carrier}-1"\n'
        'signing_key = "signing.pem"\naccount_key = "account.key"\n'
        f'[registry]\nurl = "{world.registry.public_url}"\nkey_id = "registry-1"\n'
        f'public_key = "{b64url_encode(public_bytes(world.signing_keys["registry"]))}"\n{pins}'
        "[limits]\nhedge_seconds = 30\n"
    )
    return home / "gateway.toml"


def _url(door: socket.socket) -> str:
    return f"http://127.0.0.1:{door.getsockname()[1]}"


def _serve(stack: ExitStack, door: socket.socket, app: Any) -> None:
    server = make_server("127.0.0.1", door.getsockname()[1], app, threaded=True, fd=door.fileno())
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    stack.callback(server.server_close)
    stack.callback(thread.join)
    stack.callback(server.shutdown)
