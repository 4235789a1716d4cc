"""What somebody would try who wants in, or wants it down. What is not defended stands in docs/security.md."""
