"""The field that a set is to cover: an outline of topics, which texts are on which, and where the holes are."""
