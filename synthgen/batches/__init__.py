"""Files of requests that are answered many at a time: by a provider's batch API, or by `vllm run-batch`."""
