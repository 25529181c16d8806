"""Kinds of terms, one class each, and what they are made of."""
