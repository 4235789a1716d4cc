"""What every part stands on. It imports nothing of ours."""
