"""Measurements of the runtime: `python -m benchmarks NAME`; results are JSON files."""
