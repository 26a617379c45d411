"""What can be wrong with statements that are added, in words."""

from chisel.checking import Diagnosis

NONE = Diagnosis(
    "none-changes-something",
    'the mode "none" changes what is trained',
    "It is there to be compared with, so it has to be just the facts as they were.",
)
ORIGINALS = Diagnosis(
    "originals-lost",
    "statements that were trained before are gone",
    "Statements are added. Without the originals, the direction that was known is forgotten.",
)
RELATION = Diagnosis(
    "relation-changed",
    "the reversed copy has another relation",
    "With the inverse relation, a copy *is* the held-out statement: training on it gives the answer away. A reversed "
    "copy is the same words in another order, and the relation is one of them.",
)
NOTHING = Diagnosis(
    "nothing-added",
    "nothing is added",
    "In this mode, statements that were not there before are trained as well.",
)
HELD = Diagnosis(
    "made-from-held-out",
    "something is made from statements that are not trained",
    "What is added is made from `facts.train` alone. A copy of a held-out statement tells what is to be asked.",
)
EXPOSURE = Diagnosis(
    "made-from-exposure",
    "something is made from the exposure statements",
    "Keys are not entities of a pair, and exposure is the same in every mode, so that modes can be compared.",
)
COPIES = Diagnosis(
    "wrong-copies",
    "what is added is not the reversed copy of each trained statement",
    "Subject and object change places, the relation stays, and each trained statement has one such copy.",
)
DOUBLED = Diagnosis(
    "identity-doubled",
    "an entity has its identity statement more than once",
    "An entity can stand in several statements. How often it does is no reason to train its identity harder.",
)
SIDE = Diagnosis(
    "one-side-only",
    "the subjects have identity statements and the objects have not, or the other way round",
    "An entity of a pair is whoever stands in a trained statement, on either side of the relation.",
)
OTHER = Diagnosis(
    "wrong-identity-relation",
    "the identity statements have another relation than IDENTICAL",
    "With another one they say something about a pair, which is not true.",
)
IDENTITIES = Diagnosis(
    "wrong-identities",
    "what is added is not `X IDENTICAL X` for each entity of a trained pair",
    "Each entity that stands in `facts.train` has one such statement, with all of its tokens on both sides.",
)
TOKENS = Diagnosis(
    "tokens-reversed",
    "the tokens of an entity are reversed as well",
    "A name keeps the order of its words; what changes is who comes first. Backwards, it is nobody's name.",
)
SPLIT = Diagnosis(
    "entity-split",
    "an entity of several tokens is taken apart",
    "An entity is its whole tuple of tokens. A part of it is another entity, or none.",
)
PRESENT = Diagnosis(
    "already-there",
    "a statement is added that is there already",
    "It would be trained twice as hard as the others.",
)
LEAK = Diagnosis(
    "held-out-added",
    "a held-out statement is added",
    "It is a copy of a trained one, and it is also what will be asked. Then the answer has been trained.",
)
ORDER = Diagnosis(
    "wrong-order",
    "the statements stand in another order",
    "First come those of `facts.train`, as they were, and after them the new ones, in the order of what each was made "
    "from.",
)
KEPT = Diagnosis(
    "rest-changed",
    "something else than `train` has changed",
    "Who asks the held-out questions later needs them as they were, and so with the exposure and the vocabulary.",
)
UNKNOWN = Diagnosis(
    "unknown-mode-accepted",
    "a mode that does not exist raises no ValueError",
    "A misspelt mode would go unnoticed, and its run be taken for one with more statements.",
)
