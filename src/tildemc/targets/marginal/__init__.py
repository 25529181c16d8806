"""MODEL -> MARGINAL LIKELIHOOD: Gaussian multilevel models with their effects integrated out."""

from tildemc.targets.marginal.likelihood import Marginal
from tildemc.targets.marginal.reduce import marginal

__all__ = ["Marginal", "marginal"]
