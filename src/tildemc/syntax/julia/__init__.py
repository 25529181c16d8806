"""Julia that fits models: MixedModels and GLM."""
