"""Call the registry: sign a request, send it, verify the answer, and read it into a message."""
