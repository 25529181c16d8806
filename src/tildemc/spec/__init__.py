"""WHAT A MODEL IS: frozen data; no parser, no data frame, no pymc."""
