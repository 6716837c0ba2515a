"""Measurements of the runtime: each a command, each writes JSON."""
