"""State how many of the log's witnesses make a quorum, and how many of them may lie."""


def faults_of(witnesses: int) -> int:
    """The number of witnesses, out of so many, that may sign anything without two heads both finding a quorum."""
    return (witnesses - 1) // 3


def threshold_of(witnesses: int) -> int:
    """The number of cosignatures that make a quorum; two sets of so many share an honest witness."""
    return (witnesses + faults_of(witnesses)) // 2 + 1
