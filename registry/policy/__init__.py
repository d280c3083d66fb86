"""Pure functions from facts to verdicts and decisions, under one versioned set of rules."""
