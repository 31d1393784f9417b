// A worker of a chaos run: an app that consumes, calls and registers until it is told to finish, or dies.
import { JobTrackerService } from 'nestjs-job-tracking';
import { openJournal } from '../journal.js';
import { randomFrom, seedOf } from '../random.js';
import { openApp } from '../work/app.js';
import { callAgainAndAgain } from '../work/calling.js';
import { Effects } from '../work/effects.js';
import { handlerOf } from '../work/handler.js';
import { registerAgainAndAgain } from '../work/registering.js';
import { CONCURRENCY, type Command, GRACE, KIND, POLL, policyOf, type WorkerOptions } from '../work/terms.js';

const orphaned = () => process.exit();
process.once('disconnect', orphaned);

const CALLERS = 3;
const options: WorkerOptions = JSON.parse(process.argv[2] ?? '{}');
const { seed, name: worker, url, effectsUrl, lease, startedAt } = options;

const app = await openApp(url, { worker, grace: GRACE, defaults: { lease } });
app.enableShutdownHooks(['SIGTERM']);
const tracker = app.get(JobTrackerService);
const journal = openJournal(options.journal);
const effects = new Effects(effectsUrl, KIND);
const random = randomFrom(seedOf(seed, worker));
const calm = new AbortController();

const policy = policyOf(lease);
const handle = handlerOf({ seed, worker, lease, journal, effects, isCalm: () => calm.signal.aborted });
const consumer = tracker.consume(KIND, handle, { ...policy, concurrency: CONCURRENCY, pollInterval: POLL });
const callers = Array.from({ length: CALLERS }, () =>
  callAgainAndAgain({ tracker, handle, policy, journal, random, startedAt, until: calm.signal }),
);
const registrar = registerAgainAndAgain({ tracker, worker, journal, random, until: calm.signal });

process.on('message', async (command: Command) => {
  if (command === 'calm') return calm.abort();
  await Promise.all([...callers, registrar]);
  await consumer.drain();
  journal.note({ type: 'drained', counts: { ...consumer.counts } });
  await app.close();
  await effects.close();
  // From here on it ends by itself, or something of ours keeps it.
  process.off('disconnect', orphaned);
  process.disconnect();
});
process.send?.('ready');
