"""Declares a restore of the database, and compares the database with evidence from outside."""
