"""The migrations, oldest first, each written out by hand. A released one is never changed."""
