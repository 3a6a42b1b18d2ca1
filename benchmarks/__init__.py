"""What is measured, one module each; `python -m benchmarks` runs those that need nothing else."""
