"""Views of a report: JSON, charts, the cause map as a drawing, Markdown, HTML, terminal.

A view may drop or reorder what a report holds; it never adds a claim, a number or a source.
"""
