"""I/O: watches become sightings."""
