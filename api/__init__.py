"""The HTTP door of the registry: it authenticates senders, reads bodies and writes answers in their exact form."""
