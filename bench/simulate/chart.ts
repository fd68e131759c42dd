/** The sweep as a drawing: how long executions take against how many arrive, a panel for each workload. */
import { LOADS, SETTINGS, SETTINGS_NAMES, type Swept, WORKLOAD_NAMES, WORKLOADS, type WorkloadName } from "./sweep.ts";

const PANEL = { width: 250, height: 220, left: 56, top: 44, gap: 26 };
const COLOURS = { asDeployed: "#b3402a", raised: "#c98a1b", sharded: "#2a6fb3" } as const;
/** In ms, both on a logarithmic scale. */
const [LEAST, MOST] = [100, 1_000_000];
const MARKS = [100, 1_000, 10_000, 100_000] as const;
const markOf = (ms: number): string => (ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`);

const share = (value: number, least: number, most: number): number => Math.log(value / least) / Math.log(most / least);
const xOf = (rate: number): number => share(rate, LOADS[0], LOADS.at(-1) ?? 1) * PANEL.width;
/** What grows without end is drawn at the top. */
const yOf = (ms: number): number => (1 - share(Math.min(MOST, Math.max(LEAST, ms)), LEAST, MOST)) * PANEL.height;

export function chartOf(swept: Swept): string {
  const panels = WORKLOAD_NAMES.map((name, i) => panel(swept, name, PANEL.left + i * (PANEL.width + PANEL.gap)));
  const width = PANEL.left + WORKLOAD_NAMES.length * (PANEL.width + PANEL.gap);
  const legend = SETTINGS_NAMES.map(
    (name, i) =>
      `<g transform="translate(${PANEL.left + i * 270} ${PANEL.top + PANEL.height + 52})"><rect width="14" height="4" y="-6" fill="${COLOURS[name]}"/><text x="20">${SETTINGS[name].title}</text></g>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${PANEL.top + PANEL.height + 70}" font-family="sans-serif" font-size="11">`,
    "<title>How long an execution takes, against how many arrive</title>",
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="${PANEL.left}" y="14" font-weight="bold">How long an execution takes, p50 (line) and p99 (dashes); at the top: it grows without end</text>`,
    ...panels,
    ...legend,
    "</svg>\n",
  ].join("\n");
}

function panel({ runs }: Swept, workload: WorkloadName, x: number): string {
  const { width, height, top } = PANEL;
  const lines = SETTINGS_NAMES.flatMap((name) => {
    const line = (of: "p50" | "p99") =>
      runs[name][workload].map((f) => `${xOf(f.rate).toFixed(1)},${yOf(f.execution[of]).toFixed(1)}`).join(" ");
    const stroke = `fill="none" stroke="${COLOURS[name]}"`;
    return [
      `<polyline points="${line("p50")}" ${stroke} stroke-width="2"/>`,
      `<polyline points="${line("p99")}" ${stroke} stroke-dasharray="4 3"/>`,
    ];
  });
  const rates = LOADS.map(
    (rate) => `<text x="${xOf(rate).toFixed(1)}" y="${height + 16}" text-anchor="middle">${rate}</text>`,
  );
  const marks = MARKS.map(
    (ms) =>
      `<path d="M0 ${yOf(ms).toFixed(1)}H${width}" stroke="#ddd"/><text x="-6" y="${(yOf(ms) + 4).toFixed(1)}" text-anchor="end">${workload === "queued" ? markOf(ms) : ""}</text>`,
  );
  return [
    `<g transform="translate(${x} ${top})">`,
    `<text y="-10">${WORKLOADS[workload].title}; executions/s</text>`,
    ...marks,
    `<path d="M0 0V${height}H${width}" fill="none" stroke="#555"/>`,
    ...rates,
    ...lines,
    "</g>",
  ].join("\n");
}
