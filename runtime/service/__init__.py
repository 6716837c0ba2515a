"""Hide and reveal over HTTP; needs `plainsight-onnx[service]`. `plainsight serve` runs it.

`app.create_app` makes the application, for programs that mount it in their own.
"""
