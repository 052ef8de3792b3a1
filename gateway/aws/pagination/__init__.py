"""Read AWS's lists: pages, cursors, and lists merged in order within a budget."""
