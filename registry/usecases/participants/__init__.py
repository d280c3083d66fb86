"""Admit participants, their keys and webhooks, and let participants go."""
