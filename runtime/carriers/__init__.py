"""How bytes travel in a cover. A carrier knows nothing of what they mean. One file each."""
