"""ONNX Runtime: devices, sessions, model folders, and work side by side."""
