"""Folders of pictures: plans, jobs, and files that are written atomically."""
