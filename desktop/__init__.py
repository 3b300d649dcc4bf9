"""The window and the pictures; the only part of the program that knows Qt."""
