"""MODEL -> THE SAME MODEL, CHEAPER: one file per rewrite."""
