"""Reports: verdicts as plain data, and pure renderers for a terminal and for HTML."""
