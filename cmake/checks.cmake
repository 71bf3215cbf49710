# The checks are defined here, one target each.
