"""What a record claims, statement by statement, and where its extract says so."""
