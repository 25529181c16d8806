"""What one does with a fit."""
