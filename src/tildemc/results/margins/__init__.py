"""Estimates of what a model says at chosen rows: predictions, comparisons, slopes, averages of these."""
