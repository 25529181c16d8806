"""ModelSpec × Design -> a posterior of few parameters, its effects carried by a transport; see `problem`."""
