"""Stata commands: text to Statement, by the stages written, varlist, coding, levels, priors, read."""
