"""Lists of names as phrases, for every sentence that is rendered."""

from __future__ import annotations

from collections.abc import Iterable


def join_names(names: Iterable[object], language: str = "en") -> str:
    """Names as a phrase, empty without any.

    Parameters
    ----------
    names : iterable
        Printed with ``str``.
    language : {"en", "zh"}

    Returns
    -------
    str

    Examples
    --------
    >>> join_names(["Beijing", "Shanghai", "Hubei"])
    'Beijing, Shanghai and Hubei'
    >>> join_names([])
    ''
    """
    items = [str(name) for name in names]
    if language == "zh":
        return "、".join(items)
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)
