"""What a course proves about itself."""
