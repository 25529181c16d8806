"""How each kind of term is packed: a module for each."""
