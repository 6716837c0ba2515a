"""The ONNX graphs of the `clear` codec, made by hand of standard operators."""
