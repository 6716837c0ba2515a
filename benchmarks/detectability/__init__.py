"""What steganalysis finds: tests that need no training, and a trained detector."""
