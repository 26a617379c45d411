"""Questions about the outcome of an experiment, asked before it is shown. Pure declarations: no torch, no numpy.

A question is yes or no, and a stored result settles it: one comparison of one measurement with one number.
"""

from dataclasses import dataclass
from typing import Literal

from chisel.core.estimates import Estimate


@dataclass(frozen=True)
class Question:
    """A yes-or-no question that a claim's stored result settles.

    Attributes:
        id: kebab-case and unique in the book; predictions refer to it for good, so a changed question gets a new one.
        text: the question, answerable with a credence that the answer is yes.
        claim: the id of the claim whose stored laptop result holds the answer.
        measurement: which of its measurements.
        relation, threshold: the answer is yes if the measurement's value compares so with the number.
        because: a sentence that is shown with the answer.
        what: what the measured number is, in a few words, shown with it.
    """

    id: str
    text: str
    claim: str
    measurement: str
    relation: Literal["<", ">"]
    threshold: float
    because: str = ""
    what: str = ""

    def settled_by(self, estimate: Estimate) -> bool:
        """Return the answer that a measurement gives."""
        return estimate.value < self.threshold if self.relation == "<" else estimate.value > self.threshold
