"""What this chapter asks before it shows a result. A stored measurement settles each question."""

from chisel.core.questions import Question

QUESTIONS: tuple[Question, ...] = (
    Question(
        "adam-hides-reward-scale",
        "All rewards are multiplied by a hundred. Does an Adam step change by more than half of its length?",
        "learning-rate-identity",
        "adam_reward_100",
        ">",
        0.5,
        "Adam divides by the gradient's own size.",
        "change of the step, relative to its length",
    ),
    Question(
        "identity-under-momentum",
        "A factor that changes every step multiplies the reward in one run, the learning rate in the other. "
        "Under momentum, do twenty steps of the two end within a tenth of each other?",
        "learning-rate-identity",
        "momentum_varying",
        "<",
        0.1,
        "Momentum carries old rewards along.",
        "difference after twenty steps, relative to the larger change",
    ),
    Question(
        "few-directions",
        "Do the scores of an untrained network fill fewer than twenty effective directions (the "
        "participation ratio), of thousands?",
        "update-span",
        "participation_init",
        "<",
        20,
        "Most state-action pairs push in similar directions.",
        "participation ratio of the scores",
    ),
    Question(
        "own-span-matters-early",
        "Before training: do the strongest directions of an update's own scores hold a share of it that is "
        "larger, by over .2, than the share in those of state-action pairs drawn at random?",
        "update-span",
        "init_same_minus_uniform",
        ">",
        0.2,
        "At first anybody's scores will do.",
        "share inside the update's own directions, less that inside the others'",
    ),
    Question(
        "trajectories-carry-more",
        "Two episodes a batch, on policy, arbitrary rewards: do the trajectories explain more of what an "
        "update is than the reward does?",
        "reward-information",
        "few_episodes_margin",
        ">",
        0.0,
        "With few episodes, which ones they are is nearly everything.",
        "share of the trajectories less share of the reward",
    ),
    Question(
        "still-with-many-episodes",
        "128 episodes a batch, on policy, goals that pay everywhere: do the trajectories explain more of "
        "what an update is than the reward does?",
        "reward-information",
        "on_policy_large_margin",
        ">",
        0.0,
        "With many, all batches are alike, and the reward decides.",
        "share of the trajectories less share of the reward",
    ),
    Question(
        "two-baselines-one-variance",
        "Two baselines give the natural policy gradient the same variance. Does one of them end on a worse "
        "arm in a share of runs that is larger by over .2?",
        "baseline-commitment",
        "commit_below_minus_above",
        ">",
        0.2,
        "Variance is not what decides; the direction of the surprise is.",
        "share of runs that end on a worse arm, one baseline less the other",
    ),
    Question(
        "value-minimises-variance",
        "Is the gradient's variance with the value as the baseline within a tenth of the smallest that a "
        "constant baseline can reach?",
        "baseline-commitment",
        "variance_ratio_value_minimum",
        "<",
        1.1,
        "The value is not the minimum, and may be far from it.",
        "variance at the value over the smallest",
    ),
    Question(
        "reward-finds-itself",
        "The better arm's reward is multiplied by a thousand. Does that change in any run whether the arm is "
        "ever drawn?",
        "never-sampled",
        "runs_changed_by_reward",
        ">",
        0.0,
        "A reward that does not come has no size.",
        "share of runs that change",
    ),
    Question(
        "zero-labels-suffice",
        "All reward labels are set to zero. Does a pessimistic planner still earn over eighty, where the "
        "expert earns a hundred?",
        "survival-instinct",
        "pessimistic_zero",
        ">",
        80,
        "It stays where the data are, and the data stay alive.",
        "return, where the expert has 100 and chance 0",
    ),
    Question(
        "without-pessimism-too",
        "All reward labels are set to zero. Does planning without pessimism still earn over fifty, where the "
        "expert earns a hundred?",
        "survival-instinct",
        "plain_zero",
        ">",
        50,
        "Pessimism does it, not the data alone.",
        "return, where the expert has 100 and chance 0",
    ),
    Question(
        "flipped-sign-unlearns",
        "The rewards of tokens get the opposite sign. Does the model end more than one reward a token below "
        "where it began?",
        "token-weights",
        "flipped_loss",
        ">",
        1.0,
        "The sign turns training round.",
        "reward a token that the model loses",
    ),
    Question(
        "raw-shift-hurts",
        "All token rewards are raised by five, without a baseline. Does the model end more than one half of "
        "a reward a token lower?",
        "token-zero",
        "centred_minus_plus_5",
        ">",
        0.5,
        "It learns more slowly and arrives all the same.",
        "reward a token that the shift costs",
    ),
)
