"""What is carried. A payload knows nothing of how it travels. One file each."""
