"""Training of the networks, in Keras 3 on any of its backends."""
