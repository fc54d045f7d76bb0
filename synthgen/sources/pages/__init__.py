"""Pages of a PDF: their lines, what is printed on all of them, their tables, and Markdown from it all."""
