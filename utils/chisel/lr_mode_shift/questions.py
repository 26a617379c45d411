"""What this chapter asks before it shows a result. A stored measurement settles each question."""

from chisel.core.questions import Question

QUESTIONS: tuple[Question, ...] = (
    Question(
        "down-to-validation",
        "A transformer has memorised its training set, and its learning rate is raised ten times. Within 25 steps, does"
        " training accuracy fall to less than .25 above validation accuracy?",
        "train-drop",
        "T_x10_above",
        "<",
        0.25,
        "It falls, but validation accuracy does not wait for it: it falls as well.",
        "how far training accuracy, at its lowest, is above validation accuracy",
    ),
    Question(
        "quadratic-forgets",
        "A quadratic network has memorised its training set, and its learning rate is raised fifty times. Within 25 "
        "steps, does training accuracy fall by more than .1?",
        "train-drop",
        "Q_x50_fall",
        ">",
        0.1,
        "What makes one network forget leaves another alone.",
        "how far training accuracy falls",
    ),
    Question(
        "close-on-the-way",
        "At twenty times the rate a transformer forgets much and learns again. While both accuracies rise, are they on "
        "average less than .1 apart?",
        "tandem",
        "T_x20_rise_gap",
        "<",
        0.1,
        "Most of the time in which they are close comes when both have arrived.",
        "mean distance of the two accuracies until validation accuracy is at .95",
    ),
    Question(
        "base-rate-correlates",
        "A transformer is trained at one learning rate from beginning to end. Over the whole run, do training and "
        "validation accuracy correlate above .6?",
        "base-uncorrelated",
        "T_x1_whole_r",
        ">",
        0.6,
        "Both rise from chance, and so they do, whatever drives them.",
        "correlation of the two accuracies",
    ),
    Question(
        "fifty-transformer",
        "A transformer has memorised its training set, and its learning rate is raised fifty times. Do more than half "
        "of such runs generalise within 3000 steps?",
        "fifty-faster",
        "T_x50_generalised",
        ">",
        0.5,
        "They answer at random, and go on so.",
        "share of runs that generalise",
    ),
    Question(
        "fifty-quadratic",
        "A quadratic network has memorised its training set. With its learning rate raised fifty times, does it "
        "generalise over ten times sooner than at the old rate?",
        "fifty-faster",
        "Q_x50_sooner",
        ">",
        10,
        "It never forgets, and it is soon there.",
        "how many times sooner, at least",
    ),
    Question(
        "ten-transformer",
        "A transformer has memorised its training set, and its learning rate is raised ten times. Do more than half of "
        "such runs generalise within 2000 steps?",
        "ten-never",
        "T_x10_generalised",
        ">",
        0.5,
        "Where ten times was reported to fail, it works.",
        "share of runs that generalise",
    ),
    Question(
        "ten-parts-again",
        "Its learning rate raised ten times, a transformer's training accuracy falls. After that, does its lead over "
        "validation accuracy grow by more than .2?",
        "two-transitions",
        "T_x10_again",
        ">",
        0.2,
        "The two part once, and that was before the switch.",
        "how far the lead grows",
    ),
    Question(
        "decay-alone-kills",
        "A transformer has memorised its training set, and only the rate of its weight decay is raised, twenty times. "
        "Do more than half of such runs end with a training accuracy below .3?",
        "rate-or-decay",
        "T_decay_dead",
        ">",
        0.5,
        "Steps of the old length cannot hold the weights up against it.",
        "share of runs that end so",
    ),
    Question(
        "fresh-in-tandem",
        "A transformer has twenty times the usual rate from its first step on. From its lowest training accuracy on, "
        "do training and validation accuracy correlate above .8?",
        "fresh-start",
        "T_0_x20_r",
        ">",
        0.8,
        "Nothing had been memorised, and the curves rise together all the same.",
        "correlation of the two accuracies",
    ),
    Question(
        "general-and-lost",
        "On full batches a quadratic network's learning rate is raised fifty times, and validation accuracy shoots up. "
        "Does it fall below .5 again after that?",
        "val-collapse",
        "Q_x50_val_trough",
        "<",
        0.5,
        "It does, with its training set in memory all the time.",
        "validation accuracy at its lowest after the peak",
    ),
    Question(
        "ten-normalised",
        "A transformer with layer normalisation and little weight decay has memorised its training set, and its "
        "learning rate is raised ten times. Do more than half of such runs generalise within 3000 steps?",
        "reported-order",
        "L_x10_generalised",
        ">",
        0.5,
        "Here ten times fails, as was reported; in the other settings it does not.",
        "share of runs that generalise",
    ),
    Question(
        "classic-fifty",
        "At the classic size (modulo 113) a transformer's learning rate is raised fifty times. Do more than half of "
        "such runs end with a training accuracy below .3?",
        "classic-size",
        "x50_dead",
        ">",
        0.5,
        "Fifty times is too much here as well.",
        "share of runs that end so",
    ),
)
