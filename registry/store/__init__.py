"""Hold all SQL; rows never leave this room."""
