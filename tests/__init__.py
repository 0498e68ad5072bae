"""Import every test module, so that Odoo's own runner finds what pytest finds."""

import importlib
import pathlib

for _path in sorted(pathlib.Path(__file__).parent.glob("test_*.py")):
    importlib.import_module(f".{_path.stem}", __name__)
