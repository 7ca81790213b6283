"""How long a unit that failed rests before it is run again."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Pauses:
    """Doubles from `first` to `longest`, so that what fails for hours is not asked every minute."""

    first: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(hours=4)

    def after(self, failures: int) -> timedelta:
        """The pause after so many failures in a row, from one on."""
        return min(self.longest, self.first * (1 << min(failures - 1, 20)))


USUAL = Pauses()
