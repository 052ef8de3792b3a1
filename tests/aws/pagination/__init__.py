"""The tests of the pages of AWS's lists."""
