"""`python -m digitlab` is `digitlab`."""

import sys

from digitlab.cli.main import main

sys.exit(main())
