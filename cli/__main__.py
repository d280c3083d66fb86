"""Lets `python -m cli` be the `clearline` command."""

from cli.main import main

if __name__ == "__main__":
    main()
