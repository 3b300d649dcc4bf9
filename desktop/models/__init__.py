"""What lists and tables show: item models, tested without any view."""
