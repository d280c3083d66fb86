"""The registry's application for a test: its routes are built once in a worker, its door is the test's own."""

from copy import copy
from dataclasses import replace
from typing import Final

from flask import Flask

from api.app import create_app
from api.door import EXTENSION, Door, make_door
from api.limits import Limits
from registry.usecases.context import Registry

_built: Final[list[Flask]] = []


def an_app(registry: Registry, limits: Limits | None = None) -> Flask:
    """The application that ``create_app`` would build, without building its routes and its document once more.

    The one that is copied serves nobody, so that nothing of the first test's registry is in any other.
    """
    if not _built:
        _built.append(create_app(registry))
    app = copy(_built[0])
    known: Door = app.extensions[EXTENSION]
    door = replace(make_door(registry, limits or Limits()), openapi=known.openapi)
    app.extensions = app.extensions | {EXTENSION: door}
    app.view_functions = dict(app.view_functions)
    return app
