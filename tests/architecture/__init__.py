"""The house checks its own walls: rules over the syntax tree, each with a source text that breaks it."""
