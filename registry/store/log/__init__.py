"""Holds the tables of the access log."""
