"""Python that fits models: Bambi, statsmodels with patsy's formulas, pymer4."""
