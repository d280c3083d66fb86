"""A database that was restored: declared, and compared with what is known outside of it."""
