"""Cards that open by themselves."""
