"""Phrase books of the briefings, one file a language."""
