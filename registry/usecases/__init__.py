"""Each use case of the registry is one file, one function and one transaction."""
