"""Load on `plainsight serve`: throughput, overload, and thousands of mixed requests."""
