"""Transparency log mathematics: RFC 6962 trees and the C2SP formats around them, pure functions only."""
