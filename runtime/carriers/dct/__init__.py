"""Bits in the frequencies of a cover's luma, by dithered quantization; survives JPEG and resizing.

docs/robust-format.md defines it. Arithmetic on pixels is in the graphs of a model (`networks`);
here is what decides where bits go and how far to trust them. Lowest first: `strengths`, `layout`,
`networks`, `axes`, `judging`, `region`, `searching`, `writing` and `reading`.
"""
