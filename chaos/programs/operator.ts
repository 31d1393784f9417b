// The operator of a chaos run: takes leases away, starts jobs over and puts them aside until told to finish. Being refused is right, too.
import { setTimeout as sleep } from 'node:timers/promises';
import { JobTrackerService, JobTrackingError } from 'nestjs-job-tracking';
import { openJournal } from '../journal.js';
import { pick, randomFrom, seedOf } from '../random.js';
import { openApp } from '../work/app.js';
import { type Command, hotId, KIND, type WorkerOptions } from '../work/terms.js';

const orphaned = () => process.exit();
process.once('disconnect', orphaned);

const EVERY = 80;
const { seed, name, url, startedAt, ...options }: WorkerOptions = JSON.parse(process.argv[2] ?? '{}');
const app = await openApp(url, { worker: name });
const tracker = app.get(JobTrackerService);
const journal = openJournal(options.journal);
const random = randomFrom(seedOf(seed, name));

const verbs: readonly ((id: string) => Promise<unknown>)[] = [
  async () => {
    const { items } = await tracker.list({ kind: KIND, status: 'in_progress', limit: 20 });
    if (items.length === 0) return;
    const { id } = pick(random, items);
    const { status, claims } = await tracker.release({ kind: KIND, id });
    if (status === 'pending') journal.note({ type: 'released', id, claim: claims });
  },
  (id) => tracker.retry({ kind: KIND, id }, { rerun: true }),
  (id) => tracker.retry({ kind: KIND, id }),
  (id) => tracker.ignore({ kind: KIND, id }, 'an operator'),
  (id) => tracker.retryMany({ kind: KIND, ids: [id], status: ['failed', 'ignored'] }),
];

const finished = Promise.withResolvers<void>();
let stopped = false;
process.on('message', (command: Command) => {
  if (command === 'calm') stopped = true;
  else finished.resolve();
});
process.send?.('ready');

while (!stopped) {
  await pick(
    random,
    verbs,
  )(hotId(startedAt, random)).catch((error) => {
    if (!(error instanceof JobTrackingError)) throw error;
  });
  await sleep(EVERY * 2 * random());
}
await finished.promise;
await app.close();
process.off('disconnect', orphaned);
process.disconnect();
