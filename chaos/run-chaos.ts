import { existsSync } from 'node:fs';
import { JobTrackerService } from 'nestjs-job-tracking';
import { type Evidence, gatherEvidence } from './check/evidence.js';
import { HARMS, LAWS } from './check/laws.js';
import { FaultInjector } from './faults/injector.js';
import { digestOf, type PlannedFault } from './faults/schedule.js';
import { type Breach, countBreaches, type Figures, recoveryOf } from './figures.js';
import { readJournal } from './journal.js';
import { type Quiet, quietDown } from './quiet.js';
import { journalOf, type Stage, setStage } from './stage.js';
import { openApp } from './work/app.js';

export interface ChaosOptions {
  seed: number;
  /** Of faults; a run takes some ten more to begin and to end. */
  seconds: number;
  /** 1 to 8 processes. */
  workers: number;
  schedule: readonly PlannedFault[];
  /** Of the run's own: the server's data, and what each process noted. */
  folder: string;
}

export interface ChaosReport {
  figures: Figures;
  breaches: Breach[];
}

const FINISH_WITHIN = 20_000;

/** One run: a server and its processes, the faults of the schedule, quiet, and the question whether every promise was kept. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const complaints: string[] = [];
  await using stage = await setStage({ ...options, complain: (what) => complaints.push(what) });
  const { workers, operator } = stage;
  const everybody = [...workers, operator];
  const injector = new FaultInjector(stage);
  await injector.run(options.schedule, options.seconds * 1_000);
  await Promise.all(everybody.map((slot) => slot.ready()));

  for (const slot of everybody) slot.tell('calm');
  const quiet = await quietDown(stage.pool);
  await Promise.all(everybody.map((slot) => slot.finish(FINISH_WITHIN)));

  const evidence = await evidenceOf(stage, options.folder);
  const breaches = [...lawsBroken(evidence), ...othersBroken(complaints, quiet)];
  const { seed, seconds, schedule } = options;
  const silences = workers.flatMap((slot) => slot.silences);
  const figures: Figures = {
    seed,
    seconds,
    workers: workers.length,
    schedule: digestOf(schedule),
    faults: injector.counts,
    jobs: evidence.jobs.length,
    attempts: evidence.records.length,
    takeovers: evidence.records.filter(({ outcome }) => outcome === 'crashed').length,
    recovery: recoveryOf(evidence, silences),
    freed: quiet.freed,
    breaches: countBreaches(breaches),
  };
  return { figures, breaches };
}

async function evidenceOf({ url, pool, workers, operator }: Stage, folder: string): Promise<Evidence> {
  const names = [...workers, operator].flatMap((slot) => slot.names);
  const written = names.filter((name) => existsSync(journalOf(folder, name))); // one that was killed early has nothing to say
  const app = await openApp(url, {});
  try {
    const journal = written.flatMap((name) => readJournal(journalOf(folder, name), name));
    return await gatherEvidence(pool, app.get(JobTrackerService), journal);
  } finally {
    await app.close();
  }
}

function lawsBroken(evidence: Evidence): Breach[] {
  return HARMS.flatMap((harm) =>
    LAWS[harm].flatMap(({ law, breaches }) => breaches(evidence).map((what) => ({ law, harm, what }))),
  );
}

function othersBroken(complaints: readonly string[], { stuck }: Quiet): Breach[] {
  const processes = 'a process ends when it is told to, and not before';
  const leases = 'a lease that has run out is taken within a poll when all is well';
  return [
    ...complaints.map((what): Breach => ({ law: processes, harm: 'broken', what })),
    ...stuck.map((what): Breach => ({ law: leases, harm: 'broken', what })),
  ];
}
