"""MODEL -> MARGINAL LIKELIHOOD: Gaussian multilevel models with their effects integrated out."""

from tildemc.targets.marginal.likelihood import Marginal, marginal

__all__ = ["Marginal", "marginal"]
