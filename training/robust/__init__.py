"""Training of the network of `robust` that restores what AVIF left out of a secret."""
