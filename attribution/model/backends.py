"""Where the network runs: ONNX Runtime for checks, torch for GPUs and as the reference.

Knows how to open a model folder, how to run batches of windows, and packs windows of many articles into them. torch is
imported only by the torch backend, onnxruntime only by the other. Knows nothing of what the scores mean.
"""

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

import numpy as np
from tokenizers import Tokenizer

from attribution.article import Article
from attribution.model.configuration import ModelError, ModelSettings, read_settings
from attribution.model.decode import Floats, Scored, WindowScores
from attribution.model.manifest import verify_manifest
from attribution.model.windows import Ints, Tokens, Window, cut, tokenize

if TYPE_CHECKING:
    from attribution.model.network import ClaimModel

GRAPH: Final = "model.onnx"
OUTPUTS: Final = ("start", "unit", "role", "named", "query", "key", "vote")
"""Names of the network's outputs, in order; see `network.ClaimScores`."""

_OLDER = (
    "{}: made for another version of this package, it lacks {}; train it further with this one and export it anew, or give another --model"
)

RELEASED_MODEL: Final = Path(__file__).parent / "released"
"""The model that ships with the package."""

BackendName = Literal["auto", "onnx", "torch"]


class Backend(Protocol):
    """Something that runs the network."""

    def run(self, ids: Ints, shapes: Ints, mask: Ints) -> tuple[Floats, ...]:
        """Scores of a batch of B windows of L tokens: (B, L) integers in, one array for each of OUTPUTS out."""


class OnnxBackend:
    """The network as an ONNX graph, on the CPU."""

    def __init__(self, graph: Path, threads: int = 0) -> None:
        """Loads the graph; `threads` 0 leaves the number to ONNX Runtime."""
        # A newsroom's drafts are nobody's telemetry. The variable is read at import; the call serves a process that imported it before.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import onnxruntime

        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        if missing := set(OUTPUTS) - {output.name for output in self._session.get_outputs()}:
            raise ModelError(_OLDER.format(graph, ", ".join(sorted(missing))))

    def run(self, ids: Ints, shapes: Ints, mask: Ints) -> tuple[Floats, ...]:
        """See Backend."""
        feed = {"input_ids": ids, "shapes": shapes, "attention_mask": mask}
        return tuple(self._session.run(list(OUTPUTS), feed))


class TorchBackend:
    """The network in torch, on any device."""

    def __init__(self, network: "ClaimModel", device: str | None = None) -> None:
        """Takes a network and moves it to the device: a GPU when there is one, unless one is named."""
        import torch

        self._device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self._network = network.to(self._device)  # type: ignore[arg-type]

    def run(self, ids: Ints, shapes: Ints, mask: Ints) -> tuple[Floats, ...]:
        """See Backend."""
        import torch

        self._network.eval()
        with torch.inference_mode():
            inputs = [torch.from_numpy(values).to(self._device) for values in (ids, shapes, mask)]
            outputs: Any = self._network(*inputs)
            return tuple(outputs[name].float().cpu().numpy() for name in OUTPUTS)


def load(folder: Path, backend: BackendName = "auto", threads: int = 0) -> tuple[ModelSettings, Tokenizer, Backend]:
    """A model folder's settings, tokenizer and backend, after its files were checked against its manifest.

    Args:
        folder: a folder written by `model.export`.
        backend: where to run; `auto` is ONNX Runtime when the folder has a graph.
        threads: CPU threads of a pass; 0 leaves the number to the library.

    Raises:
        ModelError: the folder cannot be used, or the backend is not installed.
    """
    names = verify_manifest(folder)
    settings = read_settings(folder)
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        if backend == "torch" or (backend == "auto" and GRAPH not in names):
            return settings, tokenizer, _torch_backend(folder, threads)
        return settings, tokenizer, OnnxBackend(folder / GRAPH, threads)
    except ModelError:
        raise
    except Exception as error:  # the libraries raise bare exceptions of many kinds for files that they cannot parse
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(f"{folder}: model cannot be loaded ({reason}); reinstall, or give another --model") from error


def _torch_backend(folder: Path, threads: int) -> "TorchBackend":
    if find_spec("torch") is None or find_spec("transformers") is None:
        raise ModelError('--backend torch: torch is not installed; pip install "check-attribution[torch]"')
    import torch

    from attribution.model.network import ClaimModel

    if threads:
        torch.set_num_threads(threads)
    loaded: Any = ClaimModel.from_pretrained(folder, output_loading_info=True)
    network, info = loaded
    if missing := info["missing_keys"]:
        raise ModelError(_OLDER.format(folder, ", ".join(sorted(missing))))
    return TorchBackend(network)


def score_articles(
    backend: Backend, settings: ModelSettings, tokenizer: Tokenizer, articles: Sequence[Article], batch_size: int = 8
) -> list[Scored]:
    """Everything that the decoder needs of each article; windows of all of them are packed together."""
    tokens = [tokenize(article, tokenizer, settings.break_token_id) for article in articles]
    windows = [cut(len(item), settings.window, settings.overlap) for item in tokens]
    scores = score_windows(backend, settings, list(zip(tokens, windows, strict=True)), batch_size)
    return [Scored(*parts) for parts in zip(tokens, windows, scores, strict=True)]


def score_windows(
    backend: Backend,
    settings: ModelSettings,
    articles: Sequence[tuple[Tokens, Sequence[Window]]],
    batch_size: int,
) -> list[list[WindowScores]]:
    """Scores of every window of every article, windows of like length run together.

    Args:
        articles: tokens and windows of each.
        batch_size: windows run together at most.
    """
    places = [(number, index) for number, (_, windows) in enumerate(articles) for index in range(len(windows))]
    lengths = [articles[number][1][index].end - articles[number][1][index].start for number, index in places]
    results: list[list[Any]] = [[None] * len(windows) for _, windows in articles]
    order = sorted(range(len(places)), key=lambda place: -lengths[place])
    for low in range(0, len(order), batch_size):
        batch = order[low : low + batch_size]
        width = lengths[batch[0]] + 2
        ids = np.full((len(batch), width), settings.pad_token_id, dtype=np.int64)
        shapes, mask = np.zeros_like(ids), np.zeros_like(ids)
        for row, place in enumerate(batch):
            number, index = places[place]
            tokens, window = articles[number][0], articles[number][1][index]
            length = lengths[place]
            ids[row, 0], ids[row, length + 1] = settings.cls_token_id, settings.sep_token_id
            ids[row, 1 : length + 1] = tokens.ids[window.start : window.end]
            shapes[row, 1 : length + 1] = tokens.shapes[window.start : window.end]
            mask[row, : length + 2] = 1
        outputs = backend.run(ids, shapes, mask)
        for row, place in enumerate(batch):
            number, index = places[place]
            results[number][index] = WindowScores(*(output[row, : lengths[place] + 2] for output in outputs))
    return results
