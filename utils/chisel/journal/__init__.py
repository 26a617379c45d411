"""What a reader predicted and did: asking, scoring, progress. The log itself is `chisel.core.journal`."""
