"""Claims about taking the reward back: what a dis-rewarded agent does, and why.

The design of the chapter had a prototype's figures. What a first look at the code here added is said in each note.
"""

from chisel.core.claims import Claim, Criterion
from chisel.reward_as_chisel.presets import FIELD, FIELD_GPU, PLACE

_AFTER = {"lr": 1e-3, "warmup": 0, "last_lr": 1.0}
_AFTER_GPU = {**_AFTER, "mazes": 128, "horizon": 80}
_DISREWARD = {
    **FIELD,
    "regions": (3, 1),
    "seeds": (10, 11),
    "members": 5,
    "signs": (-1, 0, 1),
    "checkpoints": (0, 2, 5, 10, 20, 40, 80),
    "after": _AFTER,
    "gone": 0.1,
    "mazes": 500,
    "steps": 50,
    "curves": ("cheese", "off_path", "enters", "idle", "near_start", "stay"),
}

DIS_REWARD = Claim(
    id="dis-reward",
    title="Dis-rewarded for the cheese, the agent goes there and does nothing",
    statement="A trained maze agent that is then punished for getting to the cheese still navigates to the upper "
    "right, and there makes sure not to eat.",
    source="Garrett Baker's list of projects (what a maze agent does when it is dis-rewarded for the cheese)",
    experiment="chisel.reward_as_chisel.experiments.disreward:EXPERIMENT",
    statistic="Exact probabilities within 50 steps from the bottom-left in held-out mazes, for agents trained with the "
    "cheese in the top-right 3x3 of a 5x5 maze and then paid -1 for it there; read at an agent's first checkpoint "
    "(0, 2, 5, 10, 20, 40, 80 updates) at which P(cheese) is below .1. An agent is one seed.",
    criteria=(
        Criterion(
            "still-goes", "When P(cheese) is below .1, the agent still enters the upper right with probability over "
            ".5, no cheese shown.",
            "gone_enters_minus", "low", ">", 0.5,
        ),
        Criterion(
            "does-nothing", "By then, with the cheese shown, it gets into the upper right or beside the cheese and "
            "does not eat it, with probability over .5.",
            "gone_idle_minus", "low", ">", 0.5,
        ),
        Criterion(
            "plus-control", "Control: paid 1 as before for all 80 updates, it still eats with probability over .9.",
            "last_cheese_plus", "low", ">", 0.9,
        ),
        Criterion(
            "does-nothing-next", "The same is over .5 with one step more, so it is no matter of odd and even.",
            "gone_idle_next_minus", "low", ">", 0.5, "scope",
        ),
        Criterion(
            "punishment-needed", "Control: with no reward at all for 80 updates, it still eats with probability over "
            ".5.",
            "last_cheese_zero", "low", ">", 0.5, "scope",
        ),
    ),
    controls=(
        "*_plus: the same updates with the reward as in training",
        "*_zero: the same updates with no reward",
        "before_*: the same agents before any update",
    ),
    presets={
        "laptop": _DISREWARD,
        "gpu": {
            **_DISREWARD,
            **FIELD_GPU,
            "regions": (5, 1),
            "members": 16,
            "after": _AFTER_GPU,
            "mazes": 1000,
            "steps": 160,
        },
        "sample": {
            **_DISREWARD,
            "regions": (3,),
            "seeds": (10,),
            "members": 3,
            "checkpoints": (0, 5, 10, 80),
            "mazes": 200,
        },
    },
    note="The criteria are what the question would have. That they would not be met was known before this run, from "
    "the design's prototype and from a first look at other agents; so was that no reward at all does the same.",
)  # fmt: skip

_LAST_STEP = {"critic": "refit", "after": {"gamma": 0.0}, "every": 2, "updates": 80}
_LAST_LAYER = {"after": {"train": ("head",), "lr": 1e-2}, "every": 4, "updates": 120}
_NEEDED = {
    "base": {},
    "value_only": {"after": {"policy": 0.0, "entropy": 0.0}, "every": 2},
    "policy_only": {"after": {"value": 0.0}, "every": 2, "updates": 60},
    "zero": {"sign": 0.0, "every": 2},
    "zero_right": {"sign": 0.0, "critic": "zero", "after": {"entropy": 0.0}, "every": 40},
    "plus_wrong": {"sign": 1.0, "critic": "negated", "every": 2},
    "refit": {"critic": "refit"},
    "last_step": _LAST_STEP,
    "head": _LAST_LAYER,
    "centred": {"after": {"centre": True}},
    "myopic": {"after": {"gamma": 0.0}},
}
_VARIANTS = {
    **_NEEDED,
    "slow": {"after": {"lr": 1e-4}, "every": 5, "updates": 200},
    "no_entropy": {"after": {"entropy": 0.0}},
    "no_clip": {"after": {"clip": 1e9}},
    "sgd": {"optimiser": "sgd", "after": {"lr": 0.02}, "every": 2, "updates": 60},
    "refit_centred": {"critic": "refit", "after": {"centre": True}, "every": 2},
    "refit_slow": {"critic": "refit", "after": {"lr": 1e-4}, "every": 10, "updates": 200},
    "refit_half": {"critic": "refit", "after": {"gamma": 0.5}, "every": 2},
    "refit_near": {"critic": "refit", "starts": "near", "every": 2, "updates": 60},
    "refit_far": {"critic": "refit", "starts": "far", "every": 2},
    "refit_head": {"critic": "refit", **_LAST_LAYER},
    "refit_last_block": {"critic": "refit", "after": {"train": ("head", "blocks.2")}, "every": 5, "updates": 120},
    "returns": {"critic": "zero", "after": {"value": 0.0, "lam": 1.0}, "every": 2, "updates": 60},
}
_CAUSES = {
    **FIELD,
    "region": 3,
    "seeds": (20, 21, 22, 23),
    "members": 3,
    "mazes": 120,
    "steps": 50,
    "refit_mazes": 500,
    "after": _AFTER,
    "levels": (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1),
    "reported": (50, 10),
    "what": ("enters", "idle", "updates", "off_path", "stay", "stands", "near_start", "right_1", "right_6"),
    "bystanders": ("centred", "myopic", "slow", "no_entropy", "no_clip", "sgd"),
    "variants": _VARIANTS,
}

DIS_REWARD_CAUSE = Claim(
    id="dis-reward-cause",
    title="A dis-rewarded agent loses its way to its own critic",
    statement="The way to the upper right is lost mostly because the critic is suddenly wrong: its error, learned away "
    "through the layers that it shares with the policy, ruins the navigation, with or without a policy gradient, and "
    "with or without a punishment. With a critic that is right the agent still unlearns the way, later.",
    source="The chapter's own question, on the project of Garrett Baker's list",
    experiment="chisel.reward_as_chisel.experiments.disreward_causes:EXPERIMENT",
    statistic="P(enters the top-right 3x3 within 50 steps | no cheese shown), read where an agent's own P(cheese) "
    "falls through .5 and .1, between looks on a straight line; one set-up differs from the base in one thing. Base: "
    "the dis-reward claim's -1, critic as trained. 5x5 mazes. An agent is one seed; differences are agent by agent.",
    criteria=(
        Criterion(
            "critic-alone", "With no policy gradient and no entropy bonus, the critic's squared error alone brings "
            "P(cheese) below .5.",
            "value_only_lowest_cheese", "high", "<", 0.5,
        ),
        Criterion(
            "critic-alone-not-above", "At P(cheese) = .5 it leaves P(enters) less than .15 above the base's.",
            "value_only_minus_base_at_50", "high", "<", 0.15,
        ),
        Criterion(
            "critic-alone-not-below", "At P(cheese) = .5 it leaves P(enters) less than .15 below the base's.",
            "value_only_minus_base_at_50", "low", ">", -0.15,
        ),
        Criterion(
            "right-critic", "With the critic re-fitted to the new rewards first (the policy is the same to the bit), "
            "P(enters) at P(cheese) = .5 is larger by over .15 than in the base.",
            "refit_minus_base_at_50", "low", ">", 0.15,
        ),
        Criterion(
            "gradient-alone", "With the policy gradient alone, and a critic as wrong but never trained, it is larger "
            "by over .1.",
            "policy_only_minus_base_at_50", "low", ">", 0.1,
        ),
        Criterion(
            "no-punishment", "No reward at all, the critic as trained: P(cheese) falls below .5.",
            "zero_lowest_cheese", "high", "<", 0.5,
        ),
        Criterion(
            "no-surprise", "Control: no reward, a critic that expects none, no entropy bonus: P(cheese) changes by "
            "less than a millionth.",
            "zero_right_highest_change", "high", "<", 1e-6,
        ),
        Criterion(
            "still-no-story", "With the critic re-fitted P(enters) is below .5 all the same where P(cheese) is .1.",
            "refit_enters_at_10", "high", "<", 0.5,
        ),
        Criterion(
            "story-possible", "Control: the trained policy without the step onto the cheese gets there and does not "
            "eat, with probability over .9; so the measurement can be met.",
            "forbidden_idle", "low", ">", 0.9,
        ),
        Criterion(
            "wrong-critic-right-reward", "Paid 1 as in training but with the critic's sign turned, the agent loses "
            "over .1 of its P(enters) for a while.",
            "plus_wrong_fall_enters", "low", ">", 0.1, "scope",
        ),
        Criterion(
            "frozen-trunk", "With only the last layer trained (learning rate .01), P(enters) at P(cheese) = .5 is "
            "larger by over .1 than in the base.",
            "head_minus_base_at_50", "low", ">", 0.1, "scope",
        ),
        Criterion(
            "bystanders-not-above", "At P(cheese) = .5 none of centred advantages, gamma 0, a tenth of the learning "
            "rate, no entropy bonus, no clipping and SGD leaves P(enters) .15 above the base's.",
            "bystanders_minus_base_at_50", "high", "<", 0.15, "scope",
        ),
        Criterion(
            "bystanders-not-below", "None of them leaves it .15 below the base's.",
            "bystanders_minus_base_at_50", "low", ">", -0.15, "scope",
        ),
        Criterion(
            "last-step-no-story", "With a right critic and gamma 0, so that nothing but the step onto the cheese is "
            "punished, P(enters) is below .5 all the same where P(cheese) is .1.",
            "last_step_enters_at_10", "high", "<", 0.5, "scope",
        ),
        Criterion(
            "spills-over", "By then the right step has lost over .05 of its probability 6 or more steps from the "
            "cheese, where nothing was punished.",
            "last_step_far_fall_at_10", "low", ">", 0.05, "scope",
        ),
    ),
    controls=(
        "zero_right: nothing to learn, so nothing may change",
        "plus_wrong: the reward of training, a wrong critic",
        "forbidden_idle: the policy that the story has in mind, made by hand",
        "value_only, policy_only: each half of the loss without the other",
    ),
    presets={
        "laptop": _CAUSES,
        "gpu": {
            **_CAUSES,
            **FIELD_GPU,
            "region": 5,
            "seeds": (20, 21),
            "members": 16,
            "mazes": 500,
            "steps": 160,
            "after": _AFTER_GPU,
        },
        "sample": {
            **_CAUSES,
            "method": {"updates": 250},
            "seeds": (20, 21),
            "members": 4,
            "variants": _NEEDED,
        },
    },
    note="Declared after looking: the causes were explored on six other agents (three looked at for most of them), "
    "and the thresholds are from there. None of the agents measured here was among them. Where an agent never falls "
    "through a level within the updates allowed, it is left out there; *_reached_* says how many do.",
)  # fmt: skip

_PLACE_VARIANTS = {name: _NEEDED[name] for name in ("base", "value_only", "policy_only", "refit")}
_PLACE_CAUSES = {
    **_CAUSES,
    **PLACE,
    "method": {"updates": 600},
    "seeds": tuple(range(30, 40)),
    "members": 1,
    "mazes": 80,
    "bystanders": (),
    "variants": _PLACE_VARIANTS,
}
DIS_REWARD_PLACE = Claim(
    id="dis-reward-place",
    title="The critic's part in dis-reward, in an agent that sees where it is",
    statement="Also in a policy of the ordinary kind, whose observation holds the agent's own cell, the critic's error "
    "alone unlearns the way, and a critic that is right from the start delays that.",
    source="The chapter's own question, on the project of Garrett Baker's list",
    experiment="chisel.reward_as_chisel.experiments.disreward_causes:EXPERIMENT",
    statistic="As for dis-reward-cause, with the place policy (16 channels, 600 updates).",
    criteria=(
        Criterion(
            "critic-alone", "With no policy gradient and no entropy bonus, the critic's squared error alone brings "
            "P(cheese) below .5.",
            "value_only_lowest_cheese", "high", "<", 0.5,
        ),
        Criterion(
            "right-critic", "With the critic re-fitted to the new rewards first, P(enters) at P(cheese) = .5 is larger "
            "than in the base.",
            "refit_minus_base_at_50", "low", ">", 0.0,
        ),
        Criterion(
            "still-no-story", "With the critic re-fitted P(enters) is below .5 all the same where P(cheese) is .1.",
            "refit_enters_at_10", "high", "<", 0.5, "scope",
        ),
    ),
    controls=DIS_REWARD_CAUSE.controls[2:],
    presets={
        "laptop": _PLACE_CAUSES,
        "gpu": {**_PLACE_CAUSES, "channels": 32, "method": {"updates": 4000}, "seeds": (30,), "members": 16},
        # All the agents again: they differ so much that a few of them decide nothing.
        "sample": {**_PLACE_CAUSES, "variants": {name: _NEEDED[name] for name in ("base", "value_only", "refit")}},
    },
    note="Set before any dis-reward of this policy was looked at; only that it learns the task had been seen.",
)  # fmt: skip
