"""`quiet`: the graph that says what changes of a cover's samples cost."""
