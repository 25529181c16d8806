"""Pasted R calls: text to Statement, each call in the meaning that its package gives it."""
