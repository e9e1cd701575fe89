"""One artifact on disk, proved equal to the model before it is kept."""
