"""What an experiment may need beside the code: a file, a package, memory. Imports no torch, for the listing's sake."""


class NeedError(RuntimeError):
    """What an experiment needs cannot be used. The message is one line: what is wrong and what to do."""


class NotHere(NeedError):
    """What an experiment needs is not on this machine. The message names the command that gets it."""
