"""The shell's commands, one module each."""
