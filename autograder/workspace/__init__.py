"""What lasts for a learner: files, verdicts, attempts, hints, backups, and the page of progress."""
