"""MODEL -> DENSITY: a packed problem and one kernel, compiled once and for all models, for its log density and gradient."""
