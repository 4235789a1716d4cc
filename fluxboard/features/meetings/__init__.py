"""Meetings of a board: the list, the agenda, the meeting while it runs, its minutes."""
