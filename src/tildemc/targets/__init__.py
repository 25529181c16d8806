"""MODEL -> SOMETHING: one folder per target; siblings never import one another."""
