"""`digitcam bench`: latency, memory and accuracy here, or what the outputs cost the loop."""

import argparse
import json
from typing import TYPE_CHECKING, Any

from digitcam import streams
from digitcam.cli.terminal import RUNTIMES, config_of, show
from digitcam.diagnostics import bench, bench_table, output_overhead, runtimes
from digitcam.files import check_folder, write_atomically

if TYPE_CHECKING:
    from pathlib import Path


def run(arguments: argparse.Namespace) -> int:
    """Measure, and print a table or JSON."""
    save: Path | None = arguments.save
    if save:
        check_folder(save)
    config = config_of(arguments)
    result: Any  # JSON-ready
    if arguments.outputs:
        result = output_overhead.run(config, arguments.runs)
        table = output_overhead.table(result)
    elif arguments.compare == RUNTIMES:
        result = runtimes.run(config, arguments.runs)
        table = runtimes.table(result)
    else:
        result = bench.run(config, arguments.runs, arguments.compare)
        table = bench_table.table(result)
    show(json.dumps(result) if arguments.json else table)
    if save:
        write_atomically(save, json.dumps(result, indent=2).encode())
        streams.tell(f"digitcam: saved {save}")
    return 0
