import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { AttemptOutcome } from 'nestjs-job-tracking';

/** What a caller of a job was told became of it. 'threw': by `track`, what the handler had thrown, or what the next caller would get. */
export type ToldStatus = 'succeeded' | 'failed' | 'ignored' | 'pending' | 'lost' | 'refused' | 'threw';

/** The word of a caller that was told that nobody knows whether its outcome was recorded. */
export const IN_DOUBT = 'IN_DOUBT';

/** What a process knows by itself, whatever becomes of the database and of the process. */
export type Entry =
  /** The database has acknowledged that these jobs are registered. */
  | { type: 'registered'; ids: string[] }
  /** A handler was called. `found`: the checkpoint. */
  | { type: 'granted'; id: string; claim: number; found: Checkpoint | null }
  /** A checkpoint is about to be written, or was acknowledged. */
  | { type: 'keeping' | 'kept'; id: string; claim: number; step: number }
  /** Its job had been given to another, and a turn of its event loop later its signal had not fired. */
  | { type: 'unaware'; id: string; claim: number; now: number }
  /** A handler has settled. */
  | { type: 'left'; id: string; claim: number; how: 'returned' | 'threw'; aborted: string | null }
  /** What a call answered. `claim`: of the grant that its handler ran under. `replayed`: the claim whose output it was given. */
  | {
      type: 'told';
      id: string;
      claim: number | null;
      status: ToldStatus;
      error?: string;
      output?: Output;
      replayed?: boolean;
    }
  /** An operator was told that this claim's lease is taken away. */
  | { type: 'released'; id: string; claim: number }
  /** A consumer has drained. */
  | { type: 'drained'; counts: Record<AttemptOutcome, number> };

export interface Checkpoint {
  claim: number;
  step: number;
}

export interface Output {
  claim: number;
  worker: string;
}

/** `at`: milliseconds since the epoch; the processes and the server share a machine, so that all of them mean the same. */
export type JournalEntry = Entry & { at: number; worker: string };

export interface Journal {
  note(entry: Entry): void;
}

/** Line by line into a file, each before the process does anything else: SIGKILL loses none of them. */
export function openJournal(file: string): Journal {
  const descriptor = openSync(file, 'a');
  process.once('exit', () => closeSync(descriptor));
  return { note: (entry) => void writeSync(descriptor, `${JSON.stringify({ at: Date.now(), ...entry })}\n`) };
}

export function readJournal(file: string, worker: string): JournalEntry[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => ({ ...JSON.parse(line), worker }));
}
