"""Training of the networks, in Keras 3 on any of its backends.

Each model has a package; `training.models` is the table of them. All other modules are shared.
"""
