"""Keys, keystream and tags, all by standard methods; SECURITY.md explains the design."""
