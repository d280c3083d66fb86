"""Hypothesis without a deadline: one example is a few multiplications, and a busy machine is no failure."""

from hypothesis import settings

settings.register_profile("clearline", deadline=None)
settings.load_profile("clearline")
