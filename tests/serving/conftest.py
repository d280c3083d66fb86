"""A registry that could be founded, for tests of the files that its commands leave."""

from tests.support.commands import registry
