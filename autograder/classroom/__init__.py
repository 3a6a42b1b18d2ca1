"""The class: many submissions, collected, graded on all cores or a cluster, and kept."""
