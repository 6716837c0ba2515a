"""Syndrome-trellis codes: a message in the samples of a cover, by changes that cost least."""
