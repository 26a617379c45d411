"""The chapter's experiments in small: live, seconds long, and run on functions that a reader wrote.

A notebook cell calls one function here with the reader's own work and shows what comes back.
"""
