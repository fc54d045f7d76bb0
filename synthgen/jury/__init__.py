"""The judge: a teacher of the recipe that reads kept records against their extracts, statement by statement"""
