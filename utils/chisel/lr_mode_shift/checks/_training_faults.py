"""What can be wrong with a training that is measured as it goes, in words."""

from chisel.checking import Diagnosis

EXCHANGED = Diagnosis(
    "sets-exchanged",
    "the curves of the two sets are exchanged",
    "`data` is the training rows and then the validation rows.",
)
SAME_SET = Diagnosis(
    "same-set-twice",
    "both sets of curves are of the same rows",
    "Training rows and validation rows are measured each on their own.",
)
LATE = Diagnosis(
    "measured-after-the-step",
    "the first entry is of the model after its first step",
    "Entry t is of the model after t steps, so the first one is of the model as it came. The drop at a switch starts "
    "from what was there before the first shifted step.",
)
BATCH = Diagnosis(
    "batch-measured",
    "the training curves are of one step's rows, not of the whole set",
    "A batch is a small and noisy sample, and it has just been trained on.",
)
PERCENT = Diagnosis(
    "not-a-share",
    "accuracies are not shares of all rows",
    "They lie between 0 and 1, and count what is right.",
)
WRONG_ONES = Diagnosis(
    "errors-counted",
    "the accuracy is the share of rows that are wrong",
    "It counts those whose largest logit is that of the right answer.",
)
SUMMED = Diagnosis(
    "loss-summed",
    "the losses are sums over the rows",
    "They are means, so that sets of different sizes can be compared.",
)
UNITS = Diagnosis(
    "other-unit",
    "the losses have another unit",
    "In nats, guessing among p answers costs log(p) on average.",
)
MEASURE = Diagnosis(
    "wrong-measurement",
    "the first entry is not what the model does before its first step",
    "It is the share of rows whose largest logit is the right one, and the mean cross-entropy, each over a whole set.",
)
AHEAD = Diagnosis(
    "looks-ahead",
    "an entry depends on what comes after it",
    "Until the switch all runs have the same history, whatever their multiplier, and however long they go on.",
)
STALE = Diagnosis(
    "entries-shifted",
    "an entry is not of the model after so many steps",
    "There is one entry for the model as it came and one after each step; the last is of the model that is left.",
)
SINGLE = Diagnosis(
    "single-precision-loss",
    "the loss of a model that is sure has been rounded off",
    "A memorised pair costs less than single precision can tell from 0. Logits are made double before the loss is.",
)
UNTRAINED = Diagnosis(
    "not-trained",
    "the model has not moved",
    "It is to be trained in place: whoever called looks at the model afterwards. A copy of it helps nobody.",
)
ALL_ROWS = Diagnosis(
    "order-ignored",
    "each step sees all training rows, whatever `order` says",
    "Row t of `order` says which rows step number t sees.",
)
SHIFTED = Diagnosis(
    "order-shifted",
    "a step sees the rows of another step",
    "Row t of `order` belongs to step number t, from 0 on.",
)
RATE = Diagnosis(
    "schedule-ignored",
    "all steps have the rate of the first",
    "Step number t is made at schedule(t). An optimiser keeps the rate that it was made with until it is told another.",
)
RATE_SHIFTED = Diagnosis(
    "rate-shifted",
    "a step has the rate of the step before or after it",
    "Step number t is made at schedule(t): what is set after a step counts for the next one only.",
)
RATE_MULTIPLIED = Diagnosis(
    "rates-multiplied",
    "rates of earlier steps are still in the rate of later ones",
    "The schedule gives the rate itself, not a factor by which it changes.",
)
FORGETS = Diagnosis(
    "moments-lost",
    "the optimiser starts afresh on its way",
    "Its moments belong to the run. A new optimiser, at each step or when the rate changes, makes a jump of its own, "
    "which looks like one that the rate has made.",
)
PILED_UP = Diagnosis(
    "gradients-pile-up",
    "each step uses the gradients of all steps so far",
    "`backward()` adds to what is in `.grad`.",
)
NO_DECAY = Diagnosis(
    "weight-decay-ignored",
    "the weight decay is another one",
    "It is an argument, 1.0 where none is given, and far from what AdamW has by default.",
)
L2 = Diagnosis(
    "l2-for-decoupled",
    "the weight decay goes through Adam's moments",
    "That is Adam with an L2 penalty. AdamW shrinks the weights directly, and by the learning rate.",
)
BETAS = Diagnosis(
    "betas-ignored",
    "the optimiser has other betas",
    "They are an argument, (0.9, 0.98) where none are given.",
)
COUNT = Diagnosis(
    "steps-miscounted",
    "there is one step too few or too many",
    "`steps` steps are made, and the model is measured once more than that.",
)
STEPS = Diagnosis(
    "wrong-steps",
    "the model that is left is another one",
    "Each step is one of `torch.optim.AdamW` down the gradient of the mean cross-entropy of that step's rows.",
)
FULL = Diagnosis(
    "not-all-rows",
    "without `order`, a step does not see every training row",
    "Full-batch training is what `order=None` stands for: all training rows, and no others.",
)
DEFAULTS = Diagnosis(
    "other-defaults",
    "without weight decay and betas given, others are used than promised",
    "By default the weight decay is 1.0 and the betas are (0.9, 0.98).",
)
LOSS = Diagnosis(
    "loss-not-averaged",
    "the steps go down another loss than the mean over the rows",
    "Adam hides the size of a gradient until it is as small as its eps. With memorised pairs it becomes so, and a sum "
    "over 500 rows then makes much longer steps than their mean.",
)
TRAIN_MODE = Diagnosis(
    "measured-in-training-mode",
    "the model is measured in training mode",
    "Dropout then throws part of it away, at random: what is measured is less than what it knows.",
)
GRADIENTS = Diagnosis(
    "measured-with-gradients",
    "the model is measured with gradients switched on",
    "Each measurement then builds a graph that nobody needs, and a stray `backward()` would train on validation rows.",
)
MODES = Diagnosis(
    "modes-changed",
    "the parts of the model are in other modes than before",
    "`train()` and `eval()` set all parts at once. One that was in another mode has to be put back on its own.",
)
OTHER_MODE = Diagnosis(
    "trained-in-another-mode",
    "the steps are made in another mode than the one the model came in",
    "Who measures in evaluation mode has to go back before the next step, to just the modes that were there, and does "
    "not choose another one at the start.",
)
DRAWS = Diagnosis(
    "random-numbers-drawn",
    "random numbers are drawn (or seeded) that the training steps do not need",
    "The dropout of the next step is then another one than without the measurement. So measuring more often would "
    "change what is measured.",
)
