"""Evaluation against labelled windows; none is written yet."""
