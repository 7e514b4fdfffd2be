"""What one notebook may use."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.errors import ParameterError


@dataclass(frozen=True)
class Limits:
    """What one notebook may use; 0 for no limit.

    Parameters
    ----------
    seconds : float
        Wall time from the start of its kernel.
    memory_mib : float or None
        Resident memory of its kernel and the processes that it started, in MiB; None for a fair
        share of what the machine has when the run begins.
    output_mib : float
        Text and pictures that it shows, in MiB.

    Examples
    --------
    >>> Limits(seconds=60).memory_mib
    0.0
    """

    seconds: float = 1800.0
    memory_mib: float | None = 0.0
    output_mib: float = 32.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value is not None and not 0 <= value < float("inf"):
                raise ParameterError(f"limit {name}, value {value}: give 0 (none) or a number.")
