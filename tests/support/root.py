"""The folder that holds the whole repository."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
