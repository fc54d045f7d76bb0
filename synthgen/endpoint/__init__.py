"""The parts of an OpenAI-compatible endpoint: key, servers, replicas, their queues, and what their answers mean."""
