"""Documents to extracts: contiguous pieces that tile the document, and the ledger that proves it."""
