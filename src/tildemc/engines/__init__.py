"""MODEL -> FIT: which engine, and its draws."""
