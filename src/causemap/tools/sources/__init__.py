"""One file per outside source, each behind the :class:`~causemap.tools.sources.contract.Source`."""
