"""`python -m digitcam` is `digitcam`."""

import sys

from digitcam.cli.main import main

sys.exit(main())
