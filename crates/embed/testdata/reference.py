"""Makes reference.json anew: what all-MiniLM-L6-v2 says of some sentences, reckoned by NumPy in
double precision and the tokenizer of its authors, so by nothing that `embed` uses.

    pip install numpy tokenizers && python reference.py FOLDER_OF_THE_INSTALLED_MODEL
"""

import json
import pathlib
import struct
import sys
from math import erf

import numpy as np
from tokenizers import BertWordPieceTokenizer

SENTENCES = [
    "The weather is lovely today.",
    "It's so sunny outside!",
    "He drove to the stadium.",
    "I am allergic to peanuts, and crème brûlée makes me ill.",
    "ICH ARBEITE NACHTS – und schlafe tagsüber.",
    "数字 and words 🙂",
    "",
    "sleep " * 400,
]

folder = pathlib.Path(sys.argv[1])
data = (folder / "model.safetensors").read_bytes()
size = struct.unpack("<Q", data[:8])[0]
head = json.loads(data[8:8 + size])


def weight(name):
    place = head[name]
    start, end = (8 + size + at for at in place["data_offsets"])
    numbers = np.frombuffer(data[start:end], "<f4").astype("f8")
    return numbers.reshape(place["shape"])


def linear(x, name):
    return x @ weight(name + ".weight").T + weight(name + ".bias")


def normal(x, name):
    x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-12)
    return x * weight(name + ".weight") + weight(name + ".bias")


def softmax(x):
    x = np.exp(x - x.max(-1, keepdims=True))
    return x / x.sum(-1, keepdims=True)


gelu = np.vectorize(lambda x: x * 0.5 * (1 + erf(x / np.sqrt(2))))


def vector(pieces):
    x = (weight("embeddings.word_embeddings.weight")[pieces]
         + weight("embeddings.position_embeddings.weight")[:len(pieces)]
         + weight("embeddings.token_type_embeddings.weight")[0])
    x = normal(x, "embeddings.LayerNorm")
    for number in range(6):
        layer = f"encoder.layer.{number}."
        q, k, v = (linear(x, f"{layer}attention.self.{part}").reshape(-1, 12, 32).swapaxes(0, 1)
                   for part in ("query", "key", "value"))
        seen = (softmax(q @ k.swapaxes(1, 2) / np.sqrt(32)) @ v).swapaxes(0, 1).reshape(-1, 384)
        x = normal(x + linear(seen, layer + "attention.output.dense"),
                   layer + "attention.output.LayerNorm")
        inner = gelu(linear(x, layer + "intermediate.dense"))
        x = normal(x + linear(inner, layer + "output.dense"), layer + "output.LayerNorm")
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


tokenizer = BertWordPieceTokenizer(str(folder / "vocab.txt"), lowercase=True)
tokenizer.enable_truncation(256)
found = []
for text in SENTENCES:
    pieces = tokenizer.encode(text).ids
    found.append({"text": text, "pieces": len(pieces),
                  "vector": [round(float(number), 6) for number in vector(pieces)]})
with open(pathlib.Path(__file__).with_name("reference.json"), "w", encoding="utf-8") as file:
    lines = ",\n".join(json.dumps(line, ensure_ascii=False) for line in found)
    file.write("[\n" + lines + "\n]\n")
first = [np.array(line["vector"]) for line in found[:3]]
print([[round(float(a @ b), 4) for b in first] for a in first])
