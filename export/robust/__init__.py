"""`robust`: graphs of the carrier in the frequencies of luma, built from standard operators."""
