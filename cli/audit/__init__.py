"""`clearline audit`: Check the transparency log as an outsider."""
