"""Integrates, publishes, reads, proves and witnesses the access log's trees."""
