"""How long episodes lasted, as the shortest and longest length that the bounds allow."""

from tracker.model.views import Episode, Lifetime


def lifetime(episode: Episode) -> Lifetime:
    """The length of one episode; `longest` None while alive, or when its start is unbounded.

    `entry_age` is how old the episode surely was when watching began: the survival estimators must enter it at that age, not at birth.
    """
    raise NotImplementedError
