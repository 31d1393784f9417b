import { expect, test } from 'vitest';
import { checkId } from '../job/job-id.js';
import { JobNotFoundError, JobNotReadyError } from '../job/refusals.js';
import { toJson } from '../payload/to-json.js';
import { leaseLost } from '../run/active-run.js';
import { InvalidJobError, InvalidOptionsError, JobTrackingError } from './errors.js';
import { refuseUnknownKeys } from './unknown-keys.js';

const HOSTILE = 'a\nforged \x1b[2J \x9b \u202e \u2028 \ufeff \ud83d';
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not stand there.
const UNSEEN = /[\0-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\ud800-\udfff]/;

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

test.each<[string, () => unknown]>([
  ['a job that is not there', () => new JobNotFoundError({ kind: HOSTILE, id: HOSTILE })],
  ['a step that is not ready', () => new JobNotReadyError({ kind: 'k', id: HOSTILE }, [HOSTILE], null)],
  ['a lost lease', () => leaseLost({ kind: 'k', id: HOSTILE } as never, HOSTILE)],
  ['a malformed id', () => checkId({ [HOSTILE]: 1 })],
  ['a payload', () => toJson({ [HOSTILE]: 1n }, 'data', 1_000)],
  ['an unknown option', () => refuseUnknownKeys({ [HOSTILE]: 1 }, ['a'], 'list')],
  ["a schema's own words", () => new InvalidJobError(HOSTILE, HOSTILE)],
  ['a message of any length', () => new InvalidOptionsError(HOSTILE.repeat(1_000_000))],
])('the message about %s is one line of what can be seen, as it goes into logs', (_what, work) => {
  const error = thrownBy(work) as JobTrackingError;
  expect(error).toBeInstanceOf(JobTrackingError);
  expect(error.message).not.toMatch(UNSEEN);
  expect(error.message.length).toBeLessThan(10_000);
});
