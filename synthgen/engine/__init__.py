"""vLLM in this process: its options, its checkpoint, its words for a request, and its processes."""
