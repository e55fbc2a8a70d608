"""A trained model to a release: fp16 weights as safetensors, and the ONNX graph that reads its weights from that same file.

The graph holds no weights of its own: its initializers point into `model.safetensors`, so that one 45 MB file serves torch
and ONNX Runtime, and the two can never differ. The graph casts to fp32 when it is loaded.
"""

import json
import struct
from pathlib import Path
from typing import Annotated, Final

import torch
import typer
from onnx import ModelProto, StringStringEntryProto, TensorProto, helper, load_model_from_string
from tokenizers import Tokenizer

from attribution.model.backends import GRAPH, OUTPUTS
from attribution.model.configuration import ModelError
from attribution.model.manifest import write_manifest
from attribution.model.network import ClaimModel

WEIGHTS: Final = "model.safetensors"
RELEASED: Final = (GRAPH, WEIGHTS, "config.json", "tokenizer.json")


def export(source: Path, target: Path, name: str, version: str) -> None:
    """Writes a release to a folder.

    Args:
        source: a folder written by training, with its tokenizer.
        target: the folder to write.
        name, version: what reports call the model.

    Raises:
        ModelError: the graph has a weight that the weight file lacks.
    """
    target.mkdir(parents=True, exist_ok=True)
    network = ClaimModel.from_pretrained(source, dtype=torch.float32).eval()
    network.config.release_name, network.config.release_version = name, version
    network.half().save_pretrained(target)
    _tidy(target / "config.json")
    Tokenizer.from_file(str(source / "tokenizer.json")).save(str(target / "tokenizer.json"))
    graph = _graph(network.float())
    _point_into(graph, target / WEIGHTS)
    (target / GRAPH).write_bytes(graph.SerializeToString())
    for released in RELEASED:
        (target / released).chmod(0o644)
    write_manifest(target, RELEASED)


def _tidy(config: Path) -> None:
    """The weights are stored in half precision and meant to run in single precision; whose disk they came from is nobody's business."""
    values = json.loads(config.read_text(encoding="utf-8")) | {"dtype": "float32"}
    values["encoder"].pop("_name_or_path", None)
    config.write_text(json.dumps(values, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _graph(network: ClaimModel) -> ModelProto:
    """The ONNX graph of a network, batch and length free, with its fp32 weights inside."""
    ids = torch.ones(2, 7, dtype=torch.int64)
    shape = {0: torch.export.Dim("batch", min=1, max=4096), 1: torch.export.Dim("length", min=2, max=512)}
    program = torch.onnx.export(
        network,
        (ids, torch.zeros_like(ids), torch.ones_like(ids)),  # one tensor given twice would be taken for one input
        input_names=["input_ids", "shapes", "attention_mask"],
        output_names=list(OUTPUTS),
        dynamic_shapes={"input_ids": shape, "shapes": shape, "attention_mask": shape},
        dynamo=True,
        optimize=False,
        verbose=False,
    )
    assert program is not None
    return load_model_from_string(program.model_proto.SerializeToString())


def _point_into(graph: ModelProto, weights: Path) -> None:
    """Replaces the graph's fp32 weights by casts of the fp16 tensors in a safetensors file."""
    with weights.open("rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
    kept, casts = [], []
    for tensor in graph.graph.initializer:
        if tensor.name not in header:
            if len(tensor.SerializeToString()) > 1_000_000:
                raise ModelError(f"{weights}: it lacks the graph's weight {tensor.name}; export again from the trained folder")
            kept.append(tensor)
            continue
        entry = header[tensor.name]
        begin, end = entry["data_offsets"]
        stored = TensorProto(name=f"{tensor.name}.stored", data_type=TensorProto.FLOAT16, data_location=TensorProto.EXTERNAL)
        stored.dims.extend(entry["shape"])
        for key, value in (("location", weights.name), ("offset", 8 + size + begin), ("length", end - begin)):
            stored.external_data.append(StringStringEntryProto(key=key, value=str(value)))
        kept.append(stored)
        casts.append(helper.make_node("Cast", [stored.name], [tensor.name], to=TensorProto.FLOAT))
    nodes = list(graph.graph.node)
    for node in nodes:
        del node.metadata_props[:]  # stack traces of the machine that exported
        node.doc_string = ""
    for value in (*graph.graph.input, *graph.graph.output, *kept):
        del value.metadata_props[:]
    del graph.metadata_props[:], graph.graph.metadata_props[:], graph.functions[:]
    del graph.graph.initializer[:], graph.graph.node[:], graph.graph.value_info[:]
    graph.graph.initializer.extend(kept)
    graph.graph.node.extend([*casts, *nodes])


def main(
    source: Annotated[Path, typer.Argument(help="folder written by attribution.training")],
    target: Annotated[Path, typer.Argument(help="folder to write the release to")],
    name: Annotated[str, typer.Option(help="what reports call the model")] = "claims-minilm",
    version: Annotated[str, typer.Option(help="its version")] = "1",
) -> None:
    """Write a release: ONNX graph, fp16 weights, tokenizer, configuration and manifest."""
    export(source, target, name, version)


if __name__ == "__main__":
    typer.run(main)
