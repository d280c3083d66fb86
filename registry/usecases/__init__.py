"""One file, one function, one transaction: the stories of the registry."""
