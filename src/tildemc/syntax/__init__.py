"""Text to tree: a grammar and a transformer per front end, and the sentences for texts that are none."""
