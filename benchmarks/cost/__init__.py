"""Parameters, multiply-accumulates and file sizes of the exported graphs."""
