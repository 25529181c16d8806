"""Stata's commands after a model -> what they ask for."""
