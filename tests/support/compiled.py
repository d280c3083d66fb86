"""Stores of one worker share what SQLAlchemy has compiled, so that a test does not compile our statements once more."""

from typing import Any, Final

from sqlalchemy.engine import Dialect
from sqlalchemy.util import LRUCache

from registry.store.engines import Engines

_compiled: Final[LRUCache[Any, Any]] = LRUCache(4000)
_dialects: Final[dict[str, Dialect]] = {}


def share_statements(engines: Engines) -> Engines:
    """Compile for these engines only statements that no engine of their kind has executed; returns the same engines.

    The cache is keyed by the dialect's identity, so that the engines take the first one's dialect as well.
    """
    name = engines.write.dialect.name
    if name not in _dialects:
        with engines.write.connect():  # the first connection tells the dialect the server's version
            _dialects[name] = engines.write.dialect
    for engine in (engines.write, engines.read):
        engine.dialect = _dialects[name]
        engine.update_execution_options(compiled_cache=_compiled)
    return engines
