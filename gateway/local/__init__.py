"""Serve local programs over HTTP on loopback."""
