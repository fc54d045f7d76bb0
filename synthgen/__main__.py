"""`python -m synthgen`: the command line."""

from synthgen.cli import main

if __name__ == "__main__":
    main()
