"""Implements transparency logs: RFC 6962 trees and the C2SP formats around them, in pure functions only."""
