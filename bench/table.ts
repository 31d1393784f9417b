/** What one run of a row has measured: the share of a speed in another one of the same run. */
export interface Ratio {
  of: number;
  against: number;
}

/** A line of the report. Speeds are medians over the runs; the ratio is the median of the runs' own ratios. */
export interface Measured {
  what: string;
  unit: string;
  runs: readonly Ratio[];
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = sorted.slice(Math.max(0, middle - 1), middle + 1);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? Number.NaN) : (low + high) / 2;
}

export function markdownOf(measured: readonly Measured[]): string {
  const head = ['what', 'measured', 'against', 'ratio', 'runs'];
  const lines = measured.map(({ what, unit, runs }) => [
    what,
    `${Math.round(median(runs.map((run) => run.of)))} ${unit}`,
    `${Math.round(median(runs.map((run) => run.against)))} ${unit}`,
    median(runs.map((run) => run.of / run.against)).toFixed(2),
    String(runs.length),
  ]);
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
