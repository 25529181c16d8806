"""MODEL -> the files of an analysis: data, model, fit, graphics."""
