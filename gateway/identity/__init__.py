"""Turn raw documents, households and account numbers into tokens and references."""
