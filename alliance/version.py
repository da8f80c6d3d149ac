"""Which release this is."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("lian-alliance")
except PackageNotFoundError:
    VERSION = "0+source"
