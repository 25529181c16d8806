"""Programs of SAS: PROC MIXED and PROC GLIMMIX."""
