"""Everything that can be done to a meeting and its agenda. Nothing else changes one."""
