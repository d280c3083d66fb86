"""Statistics of what came after a decision, for whoever judges it; SciPy and matplotlib live here and nowhere else."""
