"""The table of rooms: which module belongs where, and what each room may use."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support.root import ROOT

UNITS = (
    "protocol",
    "crypto",
    "ceremony",
    "serving",
    "registry",
    "api",
    "custodian",
    "client",
    "auditlog",
    "gateway",
    "analysis",
    "cli",
    "migrations",
)
EVERYTHING = UNITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A dotted prefix, and the prefixes of ours that modules under it may import; the longest prefix wins."""

    name: str
    imports: tuple[str, ...] = ()
    composes: bool = False
    """A composition root or an entrance: here the clock, randomness and identifiers come from."""


CARRIER = ("auditlog", "ceremony", "client", "crypto", "protocol", "serving")
DOMAIN, POLICY, STORE, USECASES = "registry.domain", "registry.policy", "registry.store", "registry.usecases"

ROOMS = (
    Room(name="protocol"),
    Room(name="crypto"),
    Room(name="ceremony", imports=("crypto", "protocol")),
    Room(name="serving", imports=("protocol",)),
    Room(name="serving.clock", composes=True),
    Room(name=DOMAIN, imports=("protocol",)),
    Room(name=POLICY, imports=(DOMAIN, "protocol")),
    Room(name=STORE, imports=(DOMAIN, "crypto", "protocol", "serving")),
    Room(name=USECASES, imports=(STORE, POLICY, DOMAIN, "ceremony", "crypto", "protocol")),
    Room(name="registry.settings", imports=(POLICY, DOMAIN, "serving"), composes=True),
    Room(name="registry.wiring", imports=("registry", "crypto", "protocol", "serving"), composes=True),
    Room(name="registry.keyfile", imports=("crypto", "protocol", "serving")),
    Room(name="registry.work.alarms"),
    Room(name="registry.work.clock_round", imports=("registry.work.alarms", USECASES, POLICY, DOMAIN, "protocol")),
    Room(name="registry.work.rounds", imports=(USECASES, DOMAIN, "protocol")),
    Room(name="registry.work.probe", imports=(USECASES, STORE, DOMAIN, "protocol")),
    Room(name="registry.work.watch", imports=("registry.work.alarms", USECASES, DOMAIN, "protocol")),
    Room(name="registry.work.heads", imports=(USECASES, DOMAIN, "crypto", "serving")),
    Room(name="registry.work.outside", imports=("registry.work.heads", DOMAIN, "protocol", "serving")),
    Room(name="registry.work.signer", imports=("crypto",)),
    Room(
        name="registry.work.integrator",
        imports=(
            "registry.work.alarms",
            "registry.work.clock_round",
            "registry.work.heads",
            "registry.work.rounds",
            USECASES,
            POLICY,
            STORE,
            DOMAIN,
            "crypto",
            "protocol",
        ),
    ),
    Room(
        name="registry.work.worker",
        imports=(
            "registry.work.alarms",
            "registry.work.clock_round",
            "registry.work.rounds",
            USECASES,
            DOMAIN,
            "protocol",
        ),
    ),
    Room(name="registry.work.lanes"),
    Room(name="registry.work.outgoing", imports=(DOMAIN,)),
    Room(
        name="registry.work.webhooks",
        imports=(
            "registry.work.lanes",
            "registry.work.outgoing",
            "registry.work.rounds",
            USECASES,
            POLICY,
            DOMAIN,
            "protocol",
        ),
    ),
    Room(
        name="registry.work.witness_feed",
        imports=("registry.work.lanes", "registry.work.outgoing", "registry.work.rounds", USECASES, DOMAIN, "protocol"),
    ),
    Room(name="registry"),
    Room(name="api", imports=(USECASES, DOMAIN, "protocol", "serving")),
    Room(name="custodian", imports=("ceremony", "crypto", "protocol", "serving")),
    Room(name="custodian.settings", imports=("custodian", "ceremony", "crypto", "protocol", "serving"), composes=True),
    Room(name="custodian.wiring", imports=("custodian", "ceremony", "crypto", "protocol", "serving"), composes=True),
    Room(name="client", imports=("crypto", "protocol", "serving")),
    Room(name="auditlog", imports=("ceremony", "client", "crypto", "protocol", "serving")),
    Room(name="gateway", imports=CARRIER),
    Room(
        name="gateway.tmf",
        imports=(
            "gateway.bulk.applications",
            "gateway.counter",
            "gateway.errors",
            "gateway.gateway",
            "gateway.identity",
            "gateway.local.members",
            "gateway.orders",
            "gateway.tools",
            "crypto",
            "protocol",
            "serving",
        ),
    ),
    Room(name="gateway.clients", imports=("gateway", *CARRIER), composes=True),
    Room(name="gateway.settings", imports=("gateway", *CARRIER), composes=True),
    Room(name="gateway.wiring", imports=("gateway", *CARRIER), composes=True),
    Room(name="analysis", imports=("protocol",)),
    Room(name="cli", imports=EVERYTHING, composes=True),
    Room(name="migrations", imports=(STORE,)),
)

WEB = ("flask", "flask_smorest", "marshmallow", "webargs", "werkzeug")
SQL = ("sqlalchemy", "alembic", "psycopg", "sqlite3")
LIBRARY_ROOMS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(WEB, ("api", "custodian", "gateway.local", "serving.web")),
    "sqlalchemy": (STORE, "registry.wiring", "migrations"),
    "alembic": ("migrations", STORE, "registry.wiring"),
    "psycopg": (STORE,),
    "sqlite3": (STORE, "custodian.ledger", "gateway.orders", "gateway.bulk.account_book"),
    **dict.fromkeys(("matplotlib", "numpy", "scipy"), ("analysis",)),
}
"""Where a library may be imported; a library that is not named here may be used anywhere."""

TRANSACTIONS = ("registry.store.transactions", "custodian.ledger")
"""The one place that ends a registry transaction, and the custodian's own counts."""

DATABASE_UNITS = ("registry", "api", "custodian", "cli", "migrations")
"""Units in which a database could be at hand; the libraries rule keeps SQL out of the others altogether."""

WRITERS = (
    "serving.files",
    "crypto.signing.keys",
    "cli.gateway.clearances",
)
"""Where a file is made: private, durable ones in one place; keys, which are never overwritten; what a user named."""

NOT_DETERMINED = (
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
    "os.urandom",
    "random",
    "secrets",
    "uuid.uuid1",
    "uuid.uuid4",
)
"""What gives another answer at every call; below the composition roots it comes in as an argument."""

BUILT = ("flask.Flask", "sqlalchemy.create_engine", "httpx.Client", "httpx.AsyncClient", "sqlite3.connect")
"""What must not be built when a module is imported."""

SECRET_FIELDS = frozenset(
    {
        "account_digest",
        "account_key",
        "account_ref",
        "address_key",
        "blind",
        "ciphertext",
        "core_salt",
        "core_salts",
        "debt_digest",
        "decision_token",
        "former_account_ref",
        "household_key",
        "household_keys",
        "kek",
        "key_encryption_keys",
        "password",
        "pepper",
        "peppers",
        "person_ref",
        "person_refs",
        "personal",
        "personal_salt",
        "private_key",
        "quote_reference",
        "register_key",
        "secret",
        "signing_key",
        "sk",
        "subject_key",
        "subject_keys",
        "wrapped_key",
    }
)
"""Fields of values that must not show in a repr, and so not in a log: keys, and what stands for a person or account."""

POSITIONAL_FIELDS = 2
"""A value with more fields than this takes them by name only."""

MAX_MODULE_LINES = 320
MAX_FUNCTION_LINES = 60


def under(name: str, prefix: str) -> bool:
    """Tell whether a dotted name is the prefix or lies below it."""
    return name == prefix or name.startswith(f"{prefix}.")


def room_of(module: str) -> Room:
    """The room with the longest prefix that holds the module."""
    return max((room for room in ROOMS if under(module, room.name)), key=lambda room: len(room.name))


def module_name(path: Path) -> str:
    """The dotted name of a path that is relative to the root."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def paths_of_tests() -> list[Path]:
    """Every source file of the tests, relative to the root."""
    return sorted(path.relative_to(ROOT) for path in (ROOT / "tests").rglob("*.py"))


@cache
def product_paths() -> list[Path]:
    """Every source file of the product, relative to the root."""
    return sorted(path.relative_to(ROOT) for unit in UNITS for path in (ROOT / unit).rglob("*.py"))
