"""The version, in the one place that everything reads."""

__version__ = '1.2.0'
