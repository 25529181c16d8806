"""MODEL -> its equations, in Gelman and Hill's notation."""
