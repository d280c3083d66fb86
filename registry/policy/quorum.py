"""State the number of the log's witnesses that make a quorum, and the number of them that may lie."""


def faults_of(witnesses: int) -> int:
    """Return the number of witnesses, out of so many, that may lie without two heads both finding a quorum."""
    return (witnesses - 1) // 3


def threshold_of(witnesses: int) -> int:
    """Return the number of cosignatures that make a quorum; two sets of so many share an honest witness."""
    return (witnesses + faults_of(witnesses)) // 2 + 1
