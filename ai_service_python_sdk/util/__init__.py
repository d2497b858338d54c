"""Helpers that know nothing of models or the client; only ``doubles`` knows urllib3."""
