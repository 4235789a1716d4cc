"""Boards carried out and back in: one ZIP that holds a board's whole record and its state."""
