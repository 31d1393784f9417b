// An instance of an app with a slot cron, whose runs never end: to be killed in the middle of one.
import { startApp } from '../support/app.js';
import { nightlyParts } from '../support/nightly.js';

process.once('disconnect', () => process.exit()); // the test is gone

const parts = nightlyParts((run) => {
  process.send?.(run.job.id);
  return new Promise(() => {});
});
await startApp({ url: process.argv[2] ?? '', tracking: { worker: 'killed' }, ...parts });
