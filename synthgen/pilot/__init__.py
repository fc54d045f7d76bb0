"""A small part of the run first: what each transformation and teacher make of it, and whether they collapse."""
