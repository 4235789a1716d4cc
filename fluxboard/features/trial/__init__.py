"""The trial of working without a standup: its question each Friday, and the report that ends it."""
