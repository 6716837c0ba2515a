"""Reports for readers, from results and models: tables, comparisons, pictures."""
