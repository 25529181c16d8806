"""MODEL -> DENSITY: a packed problem, and one kernel for the log density and gradient of all models."""
