"""From trained networks and fitted tables to the ONNX files that the runtime ships.

Each model has a package; `export.models` is the table of them. All other modules are shared.
"""
