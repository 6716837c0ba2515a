"""Networks of the `clear` codec."""
