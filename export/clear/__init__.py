"""`clear`: graphs that hold the whole codec, built node by node from standard operators."""
