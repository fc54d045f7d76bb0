"""Text of any source to the one Markdown form that documents have: numbers, units, tables and headings as they are."""
