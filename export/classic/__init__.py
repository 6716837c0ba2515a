"""`classic`: graphs that tf2onnx converts from the Keras networks."""
