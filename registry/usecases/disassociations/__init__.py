"""Subjects kept apart from households that are not theirs."""
