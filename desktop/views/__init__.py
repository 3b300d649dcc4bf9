"""What is on the screen: layout and signals; what is shown comes from the session."""
