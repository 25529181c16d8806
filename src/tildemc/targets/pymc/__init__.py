"""MODEL -> a PyMC program: live (`build`) or as text (`source`)."""
