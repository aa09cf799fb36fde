import { expect, test } from "vitest";
import { openMetrics } from "./openmetrics.ts";

const HISTOGRAM =
  '# TYPE h_seconds histogram\n# UNIT h_seconds seconds\nh_seconds_bucket{le="1.0"} 2 # {trace_id="a"} 0.5 1.25\n' +
  'h_seconds_bucket{le="+Inf"} 3\nh_seconds_sum 1\nh_seconds_count 3\n# EOF\n';

test("the parser that judges OpenMetrics reads a good page", () => {
  expect(
    openMetrics('# HELP a Help.\n# TYPE a counter\na_total{x="q\\"\\\\\\n",y=""} 1.5e-7\n# EOF\n').get("a"),
  ).toEqual({
    type: "counter",
    help: "Help.",
    unit: null,
    samples: [{ name: "a_total", labels: { x: 'q"\\\n', y: "" }, value: 1.5e-7, exemplar: null }],
  });
  const [first] = openMetrics(HISTOGRAM).get("h_seconds")?.samples ?? [];
  expect(first?.exemplar).toEqual({ labels: { trace_id: "a" }, value: 0.5, seconds: 1.25 });
});

test("the parser that judges OpenMetrics refuses a bad page", () => {
  const bad = [
    "# TYPE a gauge\na 1\n",
    "# TYPE a gauge\na 1\n# EOF",
    "# TYPE a gauge\na 1\n\n# EOF\n",
    "# TYPE a counter\na 1\n# EOF\n",
    "# TYPE a_total counter\na_total 1\n# EOF\n",
    "# TYPE a counter\na_total -1\n# EOF\n",
    "# TYPE a gauge\na 1\na 2\n# EOF\n",
    "# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n# HELP a Help.\n# EOF\n",
    "# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n",
    "# TYPE a gauge\n# TYPE a gauge\na 1\n# EOF\n",
    '# TYPE a gauge\na{x="1",x="2"} 1\n# EOF\n',
    '# TYPE a gauge\na{x="\\q"} 1\n# EOF\n',
    '# TYPE a gauge\na{x="1"} 1 # {t="1"} 1 1\n# EOF\n',
    HISTOGRAM.replace('le="1.0"', 'le="1"'),
    HISTOGRAM.replace(" 0.5 1.25", " 1.5 1.25"),
    HISTOGRAM.replace("# {", `# {x="${"y".repeat(128)}",`),
    HISTOGRAM.replace('le="+Inf"} 3', 'le="+Inf"} 3 # {trace_id="a"} 0.5 1'),
    HISTOGRAM.replace('"} 2', '"} 4'),
    HISTOGRAM.replace("count 3", "count 2"),
    HISTOGRAM.replace("h_seconds_sum 1\n", ""),
  ];
  for (const text of bad) expect(() => openMetrics(text), text).toThrow();
});
