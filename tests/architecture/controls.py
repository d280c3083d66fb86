"""Negative controls as data: for each rule, small sources that break it and near misses that do not."""

from pathlib import Path
from typing import NamedTuple


class Control(NamedTuple):
    """A source text, where it pretends to lie, and the rule in question."""

    rule: str
    path: Path
    text: str


def _control(rule: str, path: str, text: str) -> Control:
    return Control(rule, Path(path), text)


BREAKS = (
    _control("paths_in_one_place", "gateway/counter/disputes.py", 'PATH = "/v1/disputes"'),
    _control("paths_in_one_place", "cli/registry/rules.py", 'def path(name):\n    return f"/v1/rules/{name}"'),
    _control("paths_in_one_place", "auditlog/reader.py", 'URL = "https://registry.example/v1/log"'),
    _control(
        "vocabularies_in_protocol",
        "registry/domain/disputes.py",
        'from enum import StrEnum\nclass State(StrEnum):\n    A = "OPEN"\n    B = "ANSWERED"\n    C = "CLOSED"',
    ),
    _control("vocabularies_in_protocol", "cli/a.py", 'STATES = ["OPEN", "ANSWERED", "SUSPENDED", "CLOSED"]'),
    _control("vocabularies_in_protocol", "gateway/a.py", 'WORDS = {"FULL": 1, "PARTIAL": 2, "WAIVER": 3}'),
    _control("one_noun_for_a_resource", "registry/usecases/rulebook/read.py", "x = 1"),
    _control("one_noun_for_a_resource", "client/resources/collections.py", "x = 1"),
    _control("one_noun_for_a_resource", "api/routes/rebuttals.py", "x = 1"),
    _control("first_line_names_an_actor", "api/a.py", '"""What a carrier asks."""'),
    _control("first_line_names_an_actor", "api/a.py", '"""Whether it is so."""'),
    _control("first_line_names_an_actor", "api/a.py", '"""How it is done."""'),
    _control("walls", "protocol/codes.py", "import crypto.oprf.group"),
    _control("walls", "crypto/envelope/sealed.py", "from protocol.encodings import b64url_encode"),
    _control("walls", "registry/domain/records.py", "from registry.store import records"),
    _control("walls", "registry/policy/decide.py", "def decide():\n    from registry import store"),
    _control("walls", "registry/store/records.py", "from registry.usecases import report"),
    _control("walls", "api/routes.py", "from registry.store.records import insert"),
    _control("walls", "api/routes.py", "import registry"),
    _control("walls", "custodian/app.py", "from gateway import client"),
    _control("walls", "gateway/check.py", "if True:\n    import registry.domain"),
    _control("libraries", "registry/usecases/records/report.py", "import flask"),
    _control("libraries", "gateway/client.py", "from flask import Flask"),
    _control("libraries", "cli/grade/backtest.py", "from scipy.stats import binomtest"),
    _control("libraries", "registry/usecases/records/report.py", "from sqlalchemy import select"),
    _control("libraries", "custodian/app.py", "import sqlite3"),
    _control("libraries", "custodian/ledger.py", "import sqlalchemy"),
    _control("environment", "gateway/client.py", "import os\nurl = os.environ['URL']"),
    _control("environment", "registry/wiring.py", "from os import getenv as g\nurl = g('URL')"),
    _control("environment", "cli/main.py", "import click\nclick.option('--x', envvar='X')"),
    _control("transactions", "registry/usecases/records/report.py", "def run(session):\n    session.commit()"),
    _control("transactions", "registry/store/records.py", "def run(engine):\n    with engine.begin():\n        pass"),
    _control("files_are_private", "gateway/bulk.py", "def keep(path):\n    path.write_text('x')"),
    _control("files_are_private", "gateway/bulk.py", "def keep(path):\n    return path.open('ab')"),
    _control("files_are_private", "custodian/app.py", "def keep(path):\n    return open(path, mode='w')"),
    _control(
        "files_are_private", "registry/a.py", "import os\ndef keep(path):\n    os.open(path, os.O_RDWR | os.O_CREAT)"
    ),
    _control("no_assert", "crypto/oprf/dleq.py", "def verify(ok):\n    assert ok"),
    _control("no_swallowing", "gateway/bulk.py", "try:\n    go()\nexcept Exception:\n    pass"),
    _control("no_swallowing", "gateway/bulk.py", "try:\n    go()\nexcept:\n    pass"),
    _control("no_swallowing", "gateway/bulk.py", "try:\n    go()\nexcept (OSError, Exception) as e:\n    print(e)"),
    _control("no_swallowing", "gateway/bulk.py", "import contextlib\nwith contextlib.suppress(Exception):\n    go()"),
    _control("determined", "registry/domain/records.py", "import datetime as dt\nnow = dt.datetime.now(dt.UTC)"),
    _control("determined", "registry/usecases/records/report.py", "from datetime import date\ntoday = date.today()"),
    _control("determined", "crypto/oprf/client.py", "import os\ndef blind(random=os.urandom):\n    pass"),
    _control("determined", "api/app.py", "from uuid import uuid4\nname = uuid4()"),
    _control("determined", "gateway/client.py", "import secrets\nnonce = secrets.token_hex(8)"),
    _control("nothing_built_at_import", "api/app.py", "from flask import Flask\napp = Flask(__name__)"),
    _control("nothing_built_at_import", "gateway/client.py", "import httpx\nif True:\n    client = httpx.Client()"),
    _control("module_says_its_job", "protocol/codes.py", "x = 1"),
    _control("module_says_its_job", "protocol/codes.py", '"""Codes"""'),
    _control("module_length", "protocol/codes.py", "x = 1\n" * 321),
    _control("function_length", "protocol/codes.py", "def long():\n" + "    x = 1\n" * 60),
    _control("public_is_documented", "protocol/codes.py", "def parse(text: str) -> str:\n    return text"),
    _control("public_is_documented", "protocol/codes.py", "class Code:\n    pass"),
    _control("public_is_typed", "protocol/codes.py", "def parse(text):\n    '''Parse.'''"),
    _control("public_is_typed", "protocol/codes.py", "class A:\n    def parse(self, text: str):\n        pass"),
    _control(
        "values_are_frozen",
        "registry/domain/a.py",
        "from dataclasses import dataclass\n@dataclass\nclass A:\n    x: int",
    ),
    _control(
        "values_are_frozen",
        "registry/domain/a.py",
        "import dataclasses as d\n@d.dataclass(frozen=True, slots=True)\nclass A:\n    x: int\n    y: int\n    z: int",
    ),
    _control(
        "values_are_frozen",
        "crypto/oprf/threshold.py",
        "from dataclasses import dataclass\n@dataclass(frozen=True, slots=True, kw_only=True)\nclass A:\n    sk: bytes",
    ),
    _control("no_test_imports_a_test", "tests/cli/test_a.py", "from tests.cli.test_b import called"),
    _control("no_test_imports_a_test", "tests/cli/test_a.py", "from tests.cli import test_b"),
    _control("no_test_imports_a_test", "tests/support/a.py", "import tests.api.conftest as shared"),
)

KEEPS = (
    _control("paths_in_one_place", "client/resources/disputes.py", 'PATH = "/v1/disputes"'),
    _control("paths_in_one_place", "gateway/a.py", 'def ask():\n    """Ask under /v1/disputes."""'),
    _control("vocabularies_in_protocol", "protocol/codes.py", 'STATES = ["OPEN", "ANSWERED", "SUSPENDED", "CLOSED"]'),
    _control("vocabularies_in_protocol", "cli/a.py", 'STATES = ["OPEN", "ANSWERED", "SOMETHING", "CLOSED"]'),
    _control("one_noun_for_a_resource", "registry/usecases/rules/read.py", "x = 1"),
    _control("one_noun_for_a_resource", "registry/usecases/act.py", "x = 1"),
    _control("first_line_names_an_actor", "api/a.py", '"""Reads what a carrier asks."""'),
    _control(
        "walls", "registry/usecases/records/report.py", "from registry.store import records\nimport crypto.envelope"
    ),
    _control("walls", "protocol/messages/inquiries.py", "from protocol.codes import Verdict"),
    _control("walls", "cli/main.py", "import registry.wiring, custodian, gateway"),
    _control("walls", "protocol/codes.py", "import crypto_other"),
    _control("walls", "gateway/settings.py", "from serving.settings import SettingsError"),
    _control("libraries", "api/app.py", "from flask import Flask"),
    _control("libraries", "analysis/figures.py", "import numpy as np\nfrom scipy.stats import ks_2samp"),
    _control("libraries", "custodian/ledger.py", "import sqlite3"),
    _control("environment", "gateway/settings.py", "import os\nurl = os.environ['URL']"),
    _control("transactions", "registry/store/transactions.py", "def run(session):\n    session.commit()"),
    _control("transactions", "gateway/bulk/report.py", "def run(progress):\n    progress.begin()"),
    _control("files_are_private", "gateway/bulk.py", "def read(path):\n    return path.open('rb'), open(path)"),
    _control("files_are_private", "serving/files.py", "def keep(path):\n    path.write_text('x')"),
    _control("no_swallowing", "gateway/bulk.py", "try:\n    go()\nexcept Exception as e:\n    raise Stop from e"),
    _control("no_swallowing", "gateway/bulk.py", "try:\n    go()\nexcept OSError:\n    pass"),
    _control("determined", "registry/wiring.py", "import os\nrandom = os.urandom"),
    _control("determined", "crypto/oprf/client.py", "def blind(random):\n    return random(32)"),
    _control("determined", "gateway/client.py", "import time\nstart = time.monotonic()"),
    _control("nothing_built_at_import", "api/app.py", "from flask import Flask\ndef build():\n    return Flask('x')"),
    _control("public_is_documented", "migrations/versions/a.py", "def upgrade() -> None:\n    pass"),
    _control(
        "values_are_frozen",
        "crypto/oprf/threshold.py",
        "from dataclasses import dataclass, field\n@dataclass(frozen=True, slots=True, kw_only=True)\n"
        "class A:\n    sk: bytes = field(repr=False)",
    ),
    _control(
        "values_are_frozen",
        "registry/settings.py",
        "from dataclasses import dataclass\n@dataclass(frozen=True, slots=True)\nclass A:\n    signing_key: Path",
    ),
    _control("no_test_imports_a_test", "tests/cli/test_a.py", "from tests.support.commands import called"),
    _control("no_test_imports_a_test", "tests/cli/test_a.py", "from custodian.test_vectors import read"),
)
