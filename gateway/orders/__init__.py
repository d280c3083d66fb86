"""The orders of which this carrier asked: the token of each decision, and what was reported of it."""
