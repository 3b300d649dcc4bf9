"""The work behind each command; loaded only when the command is given."""
