"""What Stata's commands after a model ask for, of draws or of an estimate."""
