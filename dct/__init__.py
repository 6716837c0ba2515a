"""The carrier of the `robust` model: bytes in the frequencies of a picture's luma, and back.

NumPy only. The modules, lowest first: `blocks` (luma, blocks, frequencies), `strengths` (which
frequencies carry bits, and how coarsely), `lattice` (dithered quantization), `base_matrix` and
`ldpc` (the code that corrects errors), `layout` (what each place of a picture carries),
`resampling` and `search` (finding scale and shift), `demapper` (how far to trust a place), and
`carrier`, which joins them.

Nothing here knows what the bytes mean, or how keys are derived.
"""
