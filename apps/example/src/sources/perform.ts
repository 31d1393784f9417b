import { setTimeout as sleep } from 'node:timers/promises';
import { type AttemptOutcome, type JobKey, type JobSnapshot, JobTrackerService } from 'nestjs-job-tracking';
import type { Example, Places, Sender } from './example.js';
import { JobLines } from './job-lines.js';

export interface Became {
  job: JobSnapshot;
  outcomes: (AttemptOutcome | null)[];
}

export interface Performance extends Places {
  print(line: string): void;
  stop: AbortSignal;
}

/** Starts the example's app, sends it its inputs, and answers what became of its jobs. */
export async function perform(example: Example, { print, stop, ...places }: Performance): Promise<Became[]> {
  const lines = new JobLines((line) => print(`    ${line}`));
  const app = await example.start(places, lines);
  try {
    const sender: Sender = {
      ...places,
      say: (what, answer) => print(answer === undefined ? `  ${what}` : `  ${what} -> ${JSON.stringify(answer)}`),
      heard: (beginning) => lines.heard(beginning, stop),
    };
    const keys = await example.send(app, sender);
    const tracker = app.get(JobTrackerService);
    return await Promise.all(keys.map((key) => ended(tracker, key, stop)));
  } finally {
    await app.close();
  }
}

/** Where nobody waits for an answer, a job may end after its input was taken. */
async function ended(tracker: JobTrackerService, key: JobKey, stop: AbortSignal): Promise<Became> {
  for (;;) {
    const job = await tracker.get(key);
    if (job?.status === 'succeeded' || job?.status === 'ignored') {
      const attempts = await tracker.attempts(key);
      return { job, outcomes: attempts.map(({ outcome }) => outcome) };
    }
    await sleep(50, undefined, { signal: stop }).catch((cause) => {
      throw new Error(`${key.kind}/${key.id} has not ended`, { cause });
    });
  }
}
