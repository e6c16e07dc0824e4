"""The list of all promises."""

from collections.abc import Callable, Iterator

from stack import Stack

Promise = Callable[[Stack], Iterator[str]]
PROMISES: list[Promise] = []


def promise(it: Promise) -> Promise:
    """Adds a promise to those that every stack is held against."""
    PROMISES.append(it)
    return it
