"""The browser pages; none is written yet."""
