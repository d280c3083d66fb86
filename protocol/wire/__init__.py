"""Read and write messages by their own annotations: one definition, one accepted spelling for each value."""
