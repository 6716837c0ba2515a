"""`clear`: the fit of its codec's tables, and the network that restores what the codec loses."""
