"""One blueprint for each resource; a view turns a checked body into one call of one use case."""
