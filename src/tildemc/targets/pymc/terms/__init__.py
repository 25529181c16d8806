"""The statements of each kind of term: a module for each."""
