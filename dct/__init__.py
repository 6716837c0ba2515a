"""The carrier of the `robust` model: bytes in the frequencies of a picture's luma, and back.

What the graphs compute, in NumPy only. The modules, lowest first: `blocks` (luma, blocks, waves),
`lattice` (dithered quantization), `base_matrix` and `ldpc` (the code that corrects errors),
`resampling` and `search` (finding scale and shift), and `carrier`, which joins them. The rest is no
part of a graph, and is that of `runtime.carriers.dct`: its `strengths` (which frequencies carry
bits, and how coarsely), `layout` (what each place carries) and `judging` (how far to trust it).

Nothing here knows what the bytes mean, or how keys are derived.
"""
