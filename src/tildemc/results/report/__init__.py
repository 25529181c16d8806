"""A fit -> one page that has all of it: model, data, priors, estimates, diagnostics, pictures, source."""
