"""What knows nothing of boards: text, limits, the database. Imports nothing else of ours."""
