"""Trello's board export (one JSON file) becomes a board of ours, with its history."""
