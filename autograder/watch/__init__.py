"""`grad watch`: follows an exercise and shows the verdict whenever its file is saved."""
