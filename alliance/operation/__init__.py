"""What an operator does from the shell: backup, restore, doctor, certificates, logs."""
