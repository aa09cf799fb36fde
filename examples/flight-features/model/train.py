"""Trains the delay-risk model on January to April and judges it on May and June.

    node model/export-features.ts --out FILE       (the application's own code computes the features)
    python model/train.py FILE                     (packages: model/requirements.txt)

Writes delay-risk.onnx and quality.json beside this script. The quality is that of the ONNX file itself.
"""

import hashlib
import json
import sys
from datetime import date
from pathlib import Path

import numpy as np
import onnxruntime
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

SEED = 2001
LATE_FROM_MINUTES = 15
HELD_OUT_FROM_MINUTE = (date(2001, 5, 1) - date(2001, 1, 1)).days * 24 * 60
# Flights that a route or airport must have had before its own rate outweighs that of all flights.
PRIOR_FLIGHTS = 50
GOLDEN_ROWS = 6


def historical_rate(keys: np.ndarray, late: np.ndarray, held_out_keys: np.ndarray) -> np.ndarray:
    """Late rate of each key in the training months, drawn towards the rate of all flights where flights are few."""
    size = int(max(keys.max(), held_out_keys.max())) + 1
    flights = np.bincount(keys, minlength=size)
    late_flights = np.bincount(keys, weights=late, minlength=size)
    rate = (late_flights + PRIOR_FLIGHTS * late.mean()) / (flights + PRIOR_FLIGHTS)
    return rate[held_out_keys]


def quality(late: np.ndarray, probability: np.ndarray) -> dict[str, float]:
    return {
        "auc": round(float(roc_auc_score(late, probability)), 4),
        "logLoss": round(float(log_loss(late, probability)), 4),
        "brier": round(float(brier_score_loss(late, probability)), 4),
    }


def late_probability(model: onnxruntime.InferenceSession, features: np.ndarray) -> np.ndarray:
    parts = [
        model.run(["probabilities"], {"features": features[start : start + 20_000]})[0][:, 1]
        for start in range(0, len(features), 20_000)
    ]
    return np.concatenate(parts)


def main(exported: Path) -> None:
    layout = json.loads(Path(f"{exported}.json").read_text())
    table = np.fromfile(exported, dtype="<f4").reshape(layout["rows"], len(layout["columns"]))
    features = np.ascontiguousarray(table[:, : layout["features"]])
    column = {name: table[:, index] for index, name in enumerate(layout["columns"])}
    late = (column["delay_minutes"] >= LATE_FROM_MINUTES).astype(np.int64)
    held_out = column["departure_minute"] >= HELD_OUT_FROM_MINUTE
    training = ~held_out

    trees = HistGradientBoostingClassifier(
        max_iter=300,
        max_leaf_nodes=31,
        learning_rate=0.06,
        min_samples_leaf=500,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=SEED,
    )
    trees.fit(features[training], late[training])
    onnx = to_onnx(
        trees,
        initial_types=[("features", FloatTensorType([None, layout["features"]]))],
        options={id(trees): {"zipmap": False}},
        target_opset={"": 17, "ai.onnx.ml": 3},
    )
    folder = Path(__file__).parent
    content = onnx.SerializeToString()
    (folder / "delay-risk.onnx").write_bytes(content)

    model = onnxruntime.InferenceSession(content)
    probability = late_probability(model, features[held_out])
    drift = np.abs(probability - trees.predict_proba(features[held_out])[:, 1])

    ids = {name: column[name].astype(np.int64) for name in ("origin_id", "route_id")}
    rates = {name: historical_rate(key[training], late[training], key[held_out]) for name, key in ids.items()}
    always = np.full(int(held_out.sum()), late[training].mean())
    truth = late[held_out]
    golden = np.linspace(0, len(probability) - 1, GOLDEN_ROWS).astype(int)
    report = {
        "model": "gradient boosted trees, 300 trees of at most 31 leaves",
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "target": f"arrives {LATE_FROM_MINUTES} minutes late or more",
        "features": layout["columns"][: layout["features"]],
        "training": {
            "months": "January to April 2001",
            "flights": int(training.sum()),
            "lateRate": round(float(late[training].mean()), 4),
        },
        "heldOut": {
            "months": "May and June 2001",
            "flights": int(held_out.sum()),
            "lateRate": round(float(truth.mean()), 4),
        },
        "quality": {
            "the model": quality(truth, probability),
            "late rate of the route": quality(truth, rates["route_id"]),
            "late rate of the airport of departure": quality(truth, rates["origin_id"]),
            "late rate of all flights": quality(truth, always),
        },
        "largestDifferenceToScikitLearn": float(f"{drift.max():.2e}"),
        "golden": [
            {
                "features": [float(value) for value in features[held_out][row]],
                "lateProbability": float(probability[row]),
            }
            for row in golden
        ],
    }
    (folder / "quality.json").write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report["quality"], indent=2))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python model/train.py FILE (from model/export-features.ts)")
    main(Path(sys.argv[1]))
