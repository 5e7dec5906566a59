"""Prompts as Markdown files, read with importlib.resources; none is used yet."""
