"""Builds the Flask application of the registry from a registry and limits; nothing is read from anywhere else."""

from dataclasses import replace

from flask import Flask

from api import answers, authn, paths, problems
from api.door import EXTENSION, make_door
from api.limits import Limits
from api.openapi import attach, finish
from api.routes import (
    activations,
    attestations,
    ceremonies,
    deposits,
    disputes,
    events,
    evidence,
    grades,
    inquiries,
    log,
    participants,
    plans,
    records,
    red_list,
    rules,
    service,
    settlements,
    statements,
    take_outs,
    tallies,
    transfers,
)
from api.routes import archive as oversight
from api.routes import collected as collections
from api.routes import disassociations as rebuttals
from registry.usecases.context import Registry

_BLUEPRINTS = (
    inquiries.BLUEPRINT,
    activations.BLUEPRINT,
    deposits.BLUEPRINT,
    records.BLUEPRINT,
    take_outs.BLUEPRINT,
    settlements.BLUEPRINT,
    collections.BLUEPRINT,
    transfers.BLUEPRINT,
    plans.BLUEPRINT,
    red_list.BLUEPRINT,
    disputes.BLUEPRINT,
    evidence.BLUEPRINT,
    rebuttals.BLUEPRINT,
    statements.BLUEPRINT,
    attestations.BLUEPRINT,
    oversight.BLUEPRINT,
    log.BLUEPRINT,
    tallies.BLUEPRINT,
    ceremonies.BLUEPRINT,
    events.BLUEPRINT,
    participants.BLUEPRINT,
    rules.BLUEPRINT,
    grades.BLUEPRINT,
    service.BLUEPRINT,
)


def create_app(registry: Registry, limits: Limits | None = None) -> Flask:
    """A new application; several may live in one process."""
    app = Flask("api", static_folder=None, template_folder=None)
    # Only an exact path names a resource: no redirect to another spelling, no answer to OPTIONS.
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = True
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    door = make_door(registry, limits or Limits())
    app.extensions[EXTENSION] = door
    paths.register(app)
    problems.register(app)
    answers.register(app)
    authn.register(app)
    api = attach(app)
    for blueprint in _BLUEPRINTS:
        api.register_blueprint(blueprint)
    app.extensions[EXTENSION] = replace(door, openapi=finish(api))
    return app
