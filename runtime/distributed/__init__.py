"""Hides and reveals on a Ray cluster, from and to folders and object stores.

Ray Data runs it: rows of URIs go to a pool of workers, each with one model for its life, and rows
of results come back. Pictures never travel between machines, nor through Ray's object store, which
may write what it holds to a disk: a worker downloads, works and uploads by itself.
"""
