"""What steganalysis finds: classical tests and a trained detector."""
