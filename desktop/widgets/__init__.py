"""Small pieces that several views are put together from."""
