"""Serves every process of every party: files, settings, signals, HTTP. It holds no business and no key."""
