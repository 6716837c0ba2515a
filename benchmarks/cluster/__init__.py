"""What a cluster takes: memory for each worker, rates, and a table of one to a thousand nodes."""
