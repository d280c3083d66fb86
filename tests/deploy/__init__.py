"""Tests of what runs beside the image."""
