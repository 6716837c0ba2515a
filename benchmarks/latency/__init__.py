"""How long hide and reveal take, cold and warm, alone and in company, and how much memory.

Scenarios: `cold` (a fresh process: import, session, first picture), `single` (one picture at a
time), `passphrase` (the same with a passphrase and without, and the derivation of its key),
`batch` (the graph alone on batches of 1 to 32), `folder` (real files, stage by stage) and
`concurrent` (threads that share a session).
"""

from benchmarks.latency.command import main

__all__ = ["main"]
