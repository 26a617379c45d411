"""Handing exercise notebooks out to a course, and grading what comes back without trusting it.

A submission's functions run in a process of their own that is shut off from everything (`sandbox`); the check runs in
another one and calls them over a pipe (`remote`), so nothing that a submission does to its own process can touch a
verdict. Only plain data comes back (`wire`).
"""
