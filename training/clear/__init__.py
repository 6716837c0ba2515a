"""The `clear` codec: a compact code of the secret, carried exactly in the cover's residues."""
