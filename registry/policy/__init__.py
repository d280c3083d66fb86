"""Judges facts by pure functions, under one versioned set of rules: verdicts and decisions come out."""
