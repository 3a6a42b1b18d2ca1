"""A warm server: grades a workspace's files for `grad check`, so that nobody waits for torch."""
