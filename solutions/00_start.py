# %% [markdown] name="welcome"
# # Start here
#
# How do reward, data and the optimiser shape what a network learns? Here you test claims about that by experiment,
# on your own machine, without a GPU. Some of them fail, and you will see where.

# %% [markdown] name="chapters" chapters=true
# ## Chapters

# %% [markdown] name="standing"
# ## Where you stand
#
# Run this cell to see what you have done, and what comes next. `chisel status` says the same, `chisel calibration` how good
# your predictions were. Both are kept on this machine and go nowhere.

# %% name="progress"
from chisel.journal.progress import show_progress

show_progress()

# %% [markdown] name="how"
# ## How to work
#
# A chapter is one notebook. Run it from the top, cell by cell (`Shift+Enter`). At each exercise:
#
# 1. **Edit the stub.** Its docstring is the task. Replace `raise NotImplementedError()` with your code.
# 2. **Run the check** in the cell below it. It says `passed`, or what is wrong.
# 3. **Read the diagnosis.** It names the likely mistake, shows what was tried and what came back, and says where
#    to read. Then change your code, run it, and run the check again.
# 4. **Stuck? Open a hint.** There are three, each inside the one before: a nudge, the key idea, and nearly the code.
# 5. **Run the cell that uses it.** Your function now does the work in the experiment.
#
# You may skip any exercise. The check then says `not attempted`, and the experiment takes the library's version and
# tells you so. "Restart the kernel and run all cells" therefore works at any time, solved or not.

# %% [markdown] name="more"
# ## Good to know
#
# - **Commit to a prediction** before you run an experiment: the notebook asks, and keeps what you say until the answer.
# - Difficulty runs from 1 to 5; the minutes are a guess for a first attempt.
# - Worked solutions are in the folder `solutions`, next to this one.
# - For a fresh copy of a notebook, move yours elsewhere and run `make lab` again: it writes the ones that are missing.
# - The derivations, the measured verdicts and a plan for a reading group are in the book: `make book` builds it.
