"""What a desk wants to be told of: rules and concepts in files, read, checked, compiled. See docs/rules.md."""
