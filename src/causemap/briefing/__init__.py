"""Briefings as views of a report; none is written yet."""
