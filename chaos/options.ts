import { parseArgs } from 'node:util';

export interface CommandLine {
  seconds: number;
  seed: number;
  workers: number;
  /** Only says what would go wrong. */
  plan: boolean;
  /** Puts the figures into docs/reliability.md. */
  write: boolean;
}

const MOST_WORKERS = 8;
const LONGEST = 86_400;
const LARGEST_SEED = 2 ** 32 - 1;

/** Throws an Error that says what was expected. Without a seed there is one of the moment, which is printed. */
export function readOptions(args: string[]): CommandLine {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '30' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      workers: { type: 'string', default: '4' },
      plan: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const { plan, write } = values;
  return {
    seconds: whole('seconds', values.seconds, 1, LONGEST),
    seed: whole('seed', values.seed, 0, LARGEST_SEED),
    workers: whole('workers', values.workers, 1, MOST_WORKERS),
    plan,
    write,
  };
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`expected --${name} to be a whole number from ${least} to ${most}, got: ${text}`);
}

export function commandOf({ seconds, seed, workers }: CommandLine): string {
  return `npm run chaos -- --seconds ${seconds} --seed ${seed} --workers ${workers}`;
}
