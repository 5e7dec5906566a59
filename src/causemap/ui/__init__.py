"""The analyst's desk: the program in a browser."""
