"""What is still revealed after JPEG, resizing and other distortions of a container."""
