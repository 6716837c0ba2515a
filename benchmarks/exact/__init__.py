"""How many JPEG photographs come back byte for byte, and how fast whole folders of them are."""
