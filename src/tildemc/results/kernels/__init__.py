"""Compiled loops of the diagnostics: a folder of their own, so that they are compiled anew only if they change."""
