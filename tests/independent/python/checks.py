"""What the scripts share: where the server is, and how one check is told from another."""
import sys
import traceback

BASE = sys.argv[1]
ISSUER = f"{BASE}/realms/acme"
failed = []


def check(function):
    """Runs one check and prints its name."""
    name = function.__name__.replace("_", " ")
    try:
        function()
        print(f"ok {name}")
    except Exception:
        failed.append(name)
        print(f"FAILED {name}: {traceback.format_exc()}")
    return function


def done():
    sys.exit(1 if failed else 0)
