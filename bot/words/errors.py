"""What can go wrong when something is to be said."""


class Unsayable(LookupError):
    """A sentence is missing, or something that it wants to be told; the text names it."""
