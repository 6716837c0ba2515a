"""What the commands share. Only this folder knows flags."""
