"""A plugin for pytest: all sessions of botocore share the models of AWS's services.

moto's tests begin a session each; to read the model of SageMaker is half of their time.
"""

from functools import cache
from typing import Any

from botocore.loaders import JSONFileLoader

_LOADER = JSONFileLoader()
_load = cache(JSONFileLoader.load_file)


def _load_shared(_: Any, path: str) -> Any:
    return _load(_LOADER, path)


JSONFileLoader.load_file = _load_shared
