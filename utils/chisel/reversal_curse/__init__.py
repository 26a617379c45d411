"""Chapter "The reversal curse": what gradient descent on one conditional does not do to its inverse."""
