"""Prompts as Markdown files, read with importlib.resources and known by their hash."""
