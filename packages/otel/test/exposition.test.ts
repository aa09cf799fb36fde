import { expect, test } from "vitest";
import { exposition } from "./exposition.ts";

test("the parser that judges the page reads a good one", () => {
  const text =
    '# HELP a Help \\\\ \\n it.\n# UNIT a s\n# TYPE a counter\na{x="q\\"\\\\\\n",y="é"} 1.5e-7\na{x="",y=""} +Inf\n';
  expect(exposition(text).get("a")).toEqual({
    type: "counter",
    help: "Help \\ \n it.",
    samples: [
      { name: "a", labels: { x: 'q"\\\n', y: "é" }, value: 1.5e-7 },
      { name: "a", labels: { x: "", y: "" }, value: Number.POSITIVE_INFINITY },
    ],
  });
});

const HISTOGRAM = '# TYPE h histogram\nh_count 3\nh_sum 1\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 3\n';

test("the parser that judges the page refuses a bad one", () => {
  expect(exposition(HISTOGRAM).size).toBe(1);
  const bad = [
    "# TYPE a counter\na 1",
    "a 1\n",
    "# TYPE a counter\na\n",
    "# TYPE a counter\na x\n",
    "# TYPE a counter\nb 1\n",
    "# TYPE a counter\na 1\na 2\n",
    "# TYPE a counter\n# TYPE a gauge\n",
    "# TYPE a summary\n",
    "# TYPE a.b counter\n",
    '# TYPE a counter\na{x="1",x="2"} 1\n',
    '# TYPE a counter\na{x="\\q"} 1\n',
    '# TYPE a counter\na{x="1} 1\n',
    '# TYPE a counter\na{x.y="1"} 1\n',
    '# TYPE a counter\na{x="\n"} 1\n',
    HISTOGRAM.replace("} 2", "} 4"),
    HISTOGRAM.replace("h_count 3", "h_count 2"),
    HISTOGRAM.replace("h_sum 1\n", ""),
    HISTOGRAM.replace('h_bucket{le="+Inf"} 3\n', ""),
  ];
  for (const text of bad) expect(() => exposition(text), text).toThrow();
});
