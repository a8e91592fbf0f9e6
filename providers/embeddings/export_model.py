"""Turns the packaged weights into a file the inference engine reads. Runs in a process of its own.

    python -m providers.embeddings.export_model MODEL_FOLDER TARGET_FILE

torch takes seconds of CPU and hundreds of megabytes to import; here it comes and goes once.
Nothing else imports this module.
"""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
warnings.filterwarnings("ignore")

import openvino  # noqa: E402
import torch  # noqa: E402
from transformers import AutoModel  # noqa: E402


class MeanPooled(torch.nn.Module):  # type: ignore[misc]
    """The transformer with masked mean pooling and normalisation, as all-MiniLM-L6-v2 asks for."""

    def __init__(self, transformer: torch.nn.Module) -> None:
        super().__init__()
        self.transformer = transformer

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Return unit vectors of shape (batch, dimensions)."""
        output = self.transformer(input_ids=input_ids, attention_mask=attention_mask)
        hidden = output.last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        pooled = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
        return torch.nn.functional.normalize(pooled, dim=-1)


def export(model_folder: Path, target: Path) -> None:
    """Write the model to `target` and its weights beside it.

    Half precision on disk: half the memory and the same ranking, since the engine computes in
    bfloat16 where the processor can (cosine to the 32-bit vectors at least 0.99998).
    """
    transformer = AutoModel.from_pretrained(
        str(model_folder), local_files_only=True, attn_implementation="eager"
    ).eval()
    example = torch.ones(2, 8, dtype=torch.long)
    model = openvino.convert_model(
        MeanPooled(transformer),
        example_input=(example, example),
        input=[(name, [-1, -1], openvino.Type.i64) for name in ("input_ids", "attention_mask")],
    )
    openvino.save_model(model, str(target), compress_to_fp16=True)


if __name__ == "__main__":
    export(Path(sys.argv[1]), Path(sys.argv[2]))
