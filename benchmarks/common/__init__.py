"""What several benchmarks need: arguments, result files, photographs, configurations, plots."""
