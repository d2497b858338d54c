"""The errors by their nouns; :mod:`..exceptions` is their face."""
