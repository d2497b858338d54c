"""Helpers that know nothing of HTTP, models or the client."""
