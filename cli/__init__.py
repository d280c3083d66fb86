"""The `clearline` command: thin, one module per role; what it does is in the rooms."""
