"""What the Describe calls answer for the jobs of the specs."""
