"""AWS's lists: pages, cursors, and several lists merged in order within a budget."""
