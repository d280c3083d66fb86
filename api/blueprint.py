"""The blueprint of this door: flask-smorest's, reading bodies and queries with our strict parser."""

from flask_smorest import Blueprint

from api.bodies import StrictParser


class DoorBlueprint(Blueprint):
    """A blueprint whose arguments never come from a lenient parser."""

    ARGUMENTS_PARSER = StrictParser()
