"""The documentation's pages in a terminal, by topic: `tildemc help`."""
