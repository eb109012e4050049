"""`digitcam bench`: latency, memory and accuracy here, or what the outputs cost the loop."""

import argparse
import json

from digitcam.cli.terminal import RUNTIMES, config_of, show
from digitcam.diagnostics import bench, output_overhead, runtimes


def run(arguments: argparse.Namespace) -> int:
    """Measure, and print a table or JSON."""
    config = config_of(arguments)
    if arguments.outputs:
        result = output_overhead.run(config, arguments.runs)
        show(json.dumps(result) if arguments.json else output_overhead.table(result))
    elif arguments.compare == RUNTIMES:
        compared = runtimes.run(config, arguments.runs)
        show(json.dumps(compared) if arguments.json else runtimes.table(compared))
    else:
        result = bench.run(config, arguments.runs, arguments.compare)
        show(json.dumps(result) if arguments.json else bench.table(result))
    return 0
