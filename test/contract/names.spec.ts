// What the package's doors give, no more: a name that is out is a promise, and what does not work yet is not named.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as door from 'nestjs-job-tracking';
import * as core from 'nestjs-job-tracking/core';
import * as testing from 'nestjs-job-tracking/testing';
import { expect, test } from 'vitest';

const ERRORS = {
  JobTrackingError: 'JOB_TRACKING',
  JobRefusedError: 'JOB_REFUSED',
  JobNotFoundError: 'JOB_NOT_FOUND',
  JobLockedError: 'JOB_LOCKED',
  JobAlreadySucceededError: 'JOB_ALREADY_SUCCEEDED',
  JobIgnoredError: 'JOB_IGNORED',
  JobNotReadyError: 'JOB_NOT_READY',
  JobNotDueError: 'JOB_NOT_DUE',
  JobMismatchError: 'JOB_MISMATCH',
  LeaseLostError: 'LEASE_LOST',
  OpenTransactionError: 'OPEN_TRANSACTION',
  JobTimeoutError: 'JOB_TIMEOUT',
  JobInterruptedError: 'JOB_INTERRUPTED',
  StoreUnavailableError: 'STORE_UNAVAILABLE',
  InvalidJobError: 'INVALID_JOB',
  InvalidOptionsError: 'INVALID_OPTIONS',
};

const CORE = [
  ...Object.keys(ERRORS),
  ...[
    'Consume',
    'CurrentJob',
    'JobConsoleLogger',
    'JobStatus',
    'JobTrackerService',
    'JobTrackingCoreModule',
    'Tracked',
  ],
  ...['defineJob', 'jobId', 'jobLogContext', 'slot'],
];
const MIGRATIONS = ['JobTracking0001Jobs'];
const POSTGRES = ['Job', 'JobAttempt', 'JobTrackingModule', 'jobTrackingMigrations', 'jobTrackingTables'];
const TESTING = ['JobTrackingTestingModule', 'MemoryJobStore', 'describeJobStore', 'fakeRun', 'untracked'];

test.each([
  ['.', door, [...CORE, ...MIGRATIONS, ...POSTGRES]],
  ['./core', core, CORE],
  ['./testing', testing, TESTING],
])('the door %s', (_, names, expected) => {
  expect(Object.keys(names).sort()).toEqual(expected.toSorted());
});

test('what two doors give is one and the same: an error of one is caught by the class of the other', () => {
  for (const [name, value] of Object.entries(core)) expect(new Map(Object.entries(door)).get(name), name).toBe(value);
});

test('the service’s verbs', () => {
  const verbs = Object.getOwnPropertyNames(door.JobTrackerService.prototype).filter((name) => name !== 'constructor');
  expect(verbs.sort()).toEqual(
    [
      ...['register', 'registerMany', 'track', 'settle', 'consume', 'current'],
      ...['get', 'attempts', 'list', 'count', 'summary', 'verify'],
      ...['retry', 'ignore', 'release', 'remove', 'retryMany', 'ignoreMany', 'removeMany'],
    ].sort(),
  );
});

test('the statuses are their own values', () => {
  expect(door.JobStatus).toEqual({
    pending: 'pending',
    in_progress: 'in_progress',
    failed: 'failed',
    succeeded: 'succeeded',
    ignored: 'ignored',
  });
});

test.each(Object.entries(ERRORS))('%s has the code %s, made of its name, and its family', (name, code) => {
  const Class = new Map(Object.entries(door)).get(name) as typeof door.JobTrackingError;
  expect(code).toBe(
    name
      .replace(/Error$/, '')
      .replace(/(?<=[a-z])[A-Z]/g, '_$&')
      .toUpperCase(),
  );
  expect(Class.prototype).toBeInstanceOf(Error);
  expect(Class === door.JobTrackingError || Class.prototype instanceof door.JobTrackingError).toBe(true);
});

test('the doors of the package', async () => {
  const manifest = path.resolve(import.meta.dirname, '../../libs/job-tracking/package.json');
  expect(Object.keys(JSON.parse(await readFile(manifest, 'utf8')).exports)).toEqual([
    '.',
    './core',
    './testing',
    './package.json',
  ]);
});

test('the migration of every version is exported by the name of its SQL file, for files that extend it', async () => {
  const files = await readdir(path.resolve(import.meta.dirname, '../../libs/job-tracking/migrations'));
  const versions = files.sort().map((file) => file.replace(/\.sql$/, ''));
  expect(door.jobTrackingMigrations.map(({ name }) => name)).toEqual(versions.map((name) => `job-tracking-${name}`));
  const exported = versions.map(
    (name) => `JobTracking${name.replaceAll(/(?:^|-)\w/g, (start) => start.at(-1)?.toUpperCase() ?? '')}`,
  );
  expect(MIGRATIONS).toEqual(exported);
  const classes = door.jobTrackingMigrations.map(({ class: migration }) => migration);
  expect(exported.map((name) => new Map<string, unknown>(Object.entries(door)).get(name))).toEqual(classes);
});
