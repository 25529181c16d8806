"""FORMULA + DATA -> MODEL: data frames come in only here."""
