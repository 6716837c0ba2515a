"""Pictures: arrays, files of all formats that are read, and what a file says of itself."""
