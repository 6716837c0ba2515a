"""The learned code of the `clear` model: a tile of a picture as a compact row of words, and back.

NumPy only. The modules, lowest first: `blocks` (transform and prediction), `trellis` (dependent
quantization), `classes` (which distribution a coefficient has), `modes`, `tables` (what is fitted),
`quantize`, `rans` (the entropy coder) and `codec`.

Nothing here knows how words travel.
"""
