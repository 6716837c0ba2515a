"""`classic`: the prep, hide and reveal networks of Baluja (NIPS 2017)."""
