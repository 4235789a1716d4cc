"""What everything else may stand on, and what imports nothing of ours."""
