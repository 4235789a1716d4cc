"""What stands below everything else: it imports nothing of ours."""
