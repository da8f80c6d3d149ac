"""The benchmarks, one module each with run(argv) -> dict."""
