"""The learned code of the `clear` model: a picture as a compact stream of words, and back.

NumPy only. The modules, lowest first: `blocks` (transform and prediction), `words` (the stream's
header and checksum), `trellis` (dependent quantization), `classes` (which distribution a
coefficient has), `tables` (what is fitted), `quantize`, `rans` (the entropy coder) and `codec`.

Nothing here knows how the words are written into a cover.
"""
