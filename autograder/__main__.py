"""`python -m autograder` is `grad`."""

from autograder.cli import main

if __name__ == "__main__":
    main()
