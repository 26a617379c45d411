"""What can be wrong with a pretrained model. Imports no torch, for the command line's sake."""

from chisel.core.needs import NeedError, NotHere

INSTALL = "pip install -e '.[lm]' -c requirements.lock"
PREPARE = "`chisel lm prepare`"


class ModelError(NeedError):
    """A model cannot be had or used. The message is one line: what was given, why it cannot be, what to do."""


class ModelMissing(ModelError, NotHere):
    """The extra `lm` is not installed, or the model has not been prepared on this machine."""
