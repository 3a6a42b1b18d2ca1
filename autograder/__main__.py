"""`python -m autograder` is `grad`, and so is the command itself."""

from autograder import cli
from autograder.cli.console import age


def main() -> None:
    """Run `grad`; what starting Python and importing this took counts as its time."""
    cli.main(age())


if __name__ == "__main__":
    main()
