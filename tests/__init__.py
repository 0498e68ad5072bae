"""Import every test module, so that Odoo's own runner finds what pytest finds."""

import importlib
import pathlib

from hypothesis import HealthCheck, settings

# A busy machine must not fail a property test: neither an example's time nor the time to make examples is a result.
settings.register_profile("club", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("club")

for _path in sorted(pathlib.Path(__file__).parent.glob("test_*.py")):
    importlib.import_module(f".{_path.stem}", __name__)
