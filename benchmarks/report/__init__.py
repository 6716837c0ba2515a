"""What is made of results and models for readers: tables, comparisons, pictures."""
