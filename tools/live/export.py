"""Export the networks that pages run: `python -m tools.live.export [NAME ...]`.

Each becomes `assets/live/NAME.js`, which holds the network as ONNX, and `assets/live/NAME.svg`,
the image that stands in its place where scripts are off.
"""

import argparse
import sys
from pathlib import Path

import onnx
import torch

from tools.live.models import MODELS, LiveModel
from tools.live.packing import pack, script, write


def onnx_bytes(model: LiveModel) -> bytes:
    """The network in the ONNX format, without what the exporter notes about this machine."""
    values = torch.zeros(model.shape)
    program = torch.onnx.export(
        model.module,
        (values,),
        dynamo=True,
        external_data=False,
        input_names=[model.input],
        output_names=[model.output],
        verbose=False,
    )
    if program is None:
        raise ValueError("torch.onnx.export returned no program")
    proto = program.model_proto
    for part in (proto, proto.graph, *proto.graph.node, *proto.graph.value_info):
        del part.metadata_props[:]  # names of source files and lines
        part.doc_string = ""
    del proto.graph.value_info[:]
    onnx.checker.check_model(proto, full_check=True)
    return proto.SerializeToString()


def script_of(name: str, model: LiveModel) -> str:
    """The script that hands a network and what its page needs to the page."""
    content = {
        "input": model.input,
        "output": model.output,
        "shape": model.shape,
        **model.page,
        "onnx": pack(onnx_bytes(model)),
    }
    comment = f"Made by `python -m tools.live.export {name}`. Weights: {model.licence}."
    return script(comment, name, content)


def export(name: str) -> Path:
    """Write the script and the still image of a network; returns the script's path."""
    model = MODELS[name]()
    write(f"{name}.svg", model.still)
    return write(f"{name}.js", script_of(name, model))


def main() -> int:
    """Export from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MODELS)}")
    names = parser.parse_args().names or list(MODELS)
    if unknown := sorted(set(names) - set(MODELS)):
        parser.error(f"no model {', '.join(unknown)}; there are {', '.join(MODELS)}")
    for name in names:
        print(export(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
