"""The `clearline` command: thin, one folder a role; the rooms do the work."""
