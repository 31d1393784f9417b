import type { AttemptOutcome, CallPolicy, JobRun, JobSnapshot, RunOutcome } from 'nestjs-job-tracking';
import type { TestApp } from '../support/app.js';
import type { Sql } from '../support/connection.js';
import { eventually } from '../support/eventually.js';
import type { Spoiling } from '../support/fault-proxy.js';
import type { StatementName } from '../support/statements.js';

interface Stage {
  app: TestApp;
  sql: Sql;
  job: { kind: string; id: string };
  policy: CallPolicy;
}

/** A run that sends a statement, and what is true when it is over, whatever became of the statement's answer. */
interface CutRun {
  does: string;
  statement: StatementName;
  /** The job's last worker is dead, its lease has run out. */
  orphaned?: true;
  arrange?(stage: Stage): Promise<unknown>;
  /** The handler. */
  act(stage: Stage & { run: JobRun; spoiling: Spoiling }): unknown;
  told: Partial<Omit<RunOutcome<unknown>, 'status'>> & { status: string };
  becomes: Partial<JobSnapshot>;
  attempts: AttemptOutcome[];
}

const failure = () => Promise.reject(new Error('as planned'));
const success = { told: { status: 'succeeded', output: 'done' }, attempts: ['succeeded'] as AttemptOutcome[] } as const;
const once = { status: 'succeeded', claims: 1, attempts: 1, output: 'done' } as const;

export const RUNS: readonly CutRun[] = [
  { does: 'claims a new job', statement: 'claimOrRegister', act: () => 'done', ...success, becomes: once },
  {
    does: 'claims a known job',
    statement: 'claimFirst',
    arrange: async (stage) => {
      await stage.app.tracker.register(stage.job);
      stage.policy.onMissing = 'refuse';
    },
    act: () => 'done',
    ...success,
    becomes: once,
  },
  {
    does: 'claims a failed job again',
    statement: 'claimAgain',
    arrange: ({ app, job }) => app.tracker.settle(job, failure),
    act: () => 'done',
    told: success.told,
    becomes: { status: 'succeeded', claims: 2, attempts: 2 },
    attempts: ['failed', 'succeeded'],
  },
  {
    does: 'claims a failed job again, and fails',
    statement: 'claimAgain',
    arrange: ({ app, job }) => app.tracker.settle(job, failure),
    act: failure,
    told: { status: 'failed' },
    becomes: { status: 'failed', claims: 2, attempts: 2, failures: 2 },
    attempts: ['failed', 'failed'],
  },
  {
    does: 'takes a job over',
    statement: 'takeOver',
    orphaned: true,
    act: () => 'done',
    told: success.told,
    becomes: { status: 'succeeded', claims: 2, attempts: 2, crashes: 0 },
    attempts: ['crashed', 'succeeded'],
  },
  {
    does: 'reads how a job stands',
    statement: 'readStanding',
    arrange: ({ app, job }) => app.tracker.settle(job, failure),
    act: () => 'done',
    told: success.told,
    becomes: { status: 'succeeded', claims: 2 },
    attempts: ['failed', 'succeeded'],
  },
  {
    does: 'renews its lease',
    statement: 'renew',
    // Long enough for the renewal that is lost, the next one, and a machine that is late with both.
    arrange: async (stage) => {
      stage.policy.lease = 1_500;
    },
    act: async ({ run, spoiling, sql, job }) => {
      await spoiling.reached;
      const renewed = () =>
        sql('select expires_at - started_at as held from job where id = $1 and kind = $2', [job.id, job.kind]);
      const before = JSON.stringify(await renewed());
      await eventually(async () => {
        if (JSON.stringify(await renewed()) === before) throw new Error('not renewed since');
      });
      return run.signal.aborted ? 'aborted' : 'done';
    },
    ...success,
    becomes: once,
  },
  {
    does: 'keeps a checkpoint',
    statement: 'checkpoint',
    act: async ({ run }) => {
      await run.checkpoint({ page: 7 });
      return failure();
    },
    told: { status: 'failed' },
    becomes: { status: 'failed', checkpoint: { page: 7 }, failures: 1 },
    attempts: ['failed'],
  },
  {
    does: 'asks whether it is held',
    statement: 'assertHeld',
    act: async ({ run }) => {
      await run.assertHeld();
      return 'done';
    },
    ...success,
    becomes: once,
  },
  { does: 'records a success', statement: 'recordSuccess', act: () => 'done', ...success, becomes: once },
  {
    does: 'records a failure',
    statement: 'recordEnding',
    act: failure,
    told: { status: 'failed' },
    becomes: { status: 'failed', failures: 1, attempts: 1, error: { name: 'Error', message: 'as planned' } as never },
    attempts: ['failed'],
  },
  {
    does: 'records the failure that was one too many',
    statement: 'recordEnding',
    arrange: async (stage) => {
      stage.policy.maxAttempts = 1;
    },
    act: failure,
    told: { status: 'ignored', redeliver: false },
    becomes: { status: 'ignored', failures: 1, attempts: 1, reason: 'failed once' },
    attempts: ['failed'],
  },
  {
    does: 'records that it was snoozed',
    statement: 'recordEnding',
    act: ({ run }) => run.snooze('1h'),
    told: { status: 'pending', redeliver: 3_600_000 },
    becomes: { status: 'pending', failures: 0, attempts: 0, claims: 1 },
    attempts: ['snoozed'],
  },
  {
    does: 'records that it was released',
    statement: 'recordEnding',
    arrange: async (stage) => {
      stage.policy.classify = () => 'release';
    },
    act: failure,
    told: { status: 'pending' },
    becomes: { status: 'pending', failures: 0, attempts: 0, claims: 1 },
    attempts: ['released'],
  },
  {
    does: 'records that it is to be ignored',
    statement: 'recordEnding',
    act: ({ run }) => run.ignore('nobody wants it'),
    told: { status: 'ignored', redeliver: false },
    becomes: { status: 'ignored', reason: 'nobody wants it', attempts: 1 },
    attempts: ['ignored'],
  },
];
