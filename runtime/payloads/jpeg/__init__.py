"""JPEG files in fewer bytes, without loss: their coefficients, coded anew."""
