"""From a training run to the ONNX files that the runtime ships."""
