"""Judges that are not ours: feature sets and a classifier of `sealwatch`, kinds of `conseal`."""
