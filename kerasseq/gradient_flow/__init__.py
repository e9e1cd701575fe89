"""What gradients become on their way back through a recurrent network (Hochreiter et al., 2001), and why."""
