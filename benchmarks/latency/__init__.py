"""How long hide and reveal take, in new and in warm processes, and how much memory they need.

Scenarios: `cold` (a new process: import, session, first picture), `single` (one picture at a
time), `passphrase` (the same with and without a passphrase, and its key derivation), `batch` (the
graph alone on batches of 1 to 32), `folder` (files, stage by stage) and `concurrent` (threads that
share a session). What is timed is the learned code: models are kept from carrying a secret's file,
which `python -m benchmarks exact` times.
"""
