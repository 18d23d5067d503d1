"""`python -m mortgage_fsm`. Nothing else may live here: LiveKit's child processes cannot import it."""

from mortgage_fsm.cli import main

if __name__ == "__main__":
    main()
