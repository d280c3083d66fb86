"""Serve one person or one record at a time, as a counter clerk or a script asks."""
