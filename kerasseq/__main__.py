"""`python -m kerasseq`: the command line, where its script is not on the path."""

from kerasseq.commands.main import main

if __name__ == "__main__":
    main()
