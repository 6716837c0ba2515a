"""What the runtime withstands: damaged files, being killed, long runs; and what folders cost."""
