import type { AuditStanding } from '../jobs/audit-standing.js';
import { STEPS } from '../jobs/kinds.js';

const BAR = 30;
const ERASE = '\r\x1b[K';
/** Without a terminal: a line for every so many per cent. */
const STRIDE = 10;

/** A bar that is drawn over itself on a terminal, plain lines elsewhere. */
export class ProgressLine {
  #drawn = false;
  #told = Number.NEGATIVE_INFINITY;

  constructor(private readonly out: NodeJS.WriteStream) {}

  get isTerminal(): boolean {
    return this.out.isTTY === true && process.env.TERM !== 'dumb';
  }

  show(standing: AuditStanding): void {
    const percent = Math.floor(standing.done * 100);
    const text = `${String(percent).padStart(3)} %  ${stepsOf(standing)}`;
    if (this.isTerminal) {
      // Cut to the width: a line that wraps cannot be drawn over.
      this.out.write(ERASE + `${barOf(standing.done)} ${text}`.slice(0, (this.out.columns || 80) - 1));
      this.#drawn = true;
    } else if (percent >= this.#told + STRIDE || (percent === 100 && this.#told < 100)) {
      this.out.write(`${text}\n`);
      this.#told = percent;
    }
  }

  /** Leaves the terminal's line to others; the next `show` draws the bar again. */
  clear(): void {
    if (this.#drawn) this.out.write(ERASE);
    this.#drawn = false;
  }
}

function barOf(fraction: number): string {
  const full = Math.floor(fraction * BAR);
  return '█'.repeat(full) + '░'.repeat(BAR - full);
}

function stepsOf(standing: AuditStanding): string {
  const packages = standing.steps.length / STEPS.length;
  const steps = STEPS.map(({ kind }) => `${kind} ${standing.where('succeeded', kind).length}/${packages}`);
  const failed = standing.where('failed').length + standing.where('ignored').length;
  return [...steps, `${failed} at fault`].join(', ');
}
