import { checkKind } from '../job/job-id.js';
import type { KindRef, TrackingPolicy } from '../job/kind.js';
import { kindName } from '../job/kind-name.js';
import { checkPolicy, POLICY_KEYS } from '../job/policy.js';
import { type Duration, LONGEST_TIMER, milliseconds } from '../options/duration.js';
import { InvalidOptionsError } from '../options/errors.js';
import { shown } from '../options/shown.js';
import { refuseUnknownKeys } from '../options/unknown-keys.js';

/** A kind's policy for those who pull: what is missing or a duplicate is never pulled. */
export interface ConsumeOptions extends Omit<TrackingPolicy, 'onMissing' | 'onDuplicate'> {
  /** 10. Jobs that run at once. */
  concurrency?: number;
  /** '1s'. How often to look again when nothing was due. From 10 ms to 2^31-1 ms. */
  pollInterval?: Duration;
}

/** What a consumer has a say in. */
export const CONSUMED_POLICY_KEYS = POLICY_KEYS.filter((key) => key !== 'onMissing' && key !== 'onDuplicate');

const MOST_AT_ONCE = 10_000;
const SHORTEST_POLL = 10;

/** Throws InvalidOptionsError or, for a malformed kind, InvalidJobError. Answers the two options that are no policy. */
export function checkConsumeOptions(
  kind: KindRef,
  options: ConsumeOptions,
  where: string,
): { concurrency: number; pollInterval: number } {
  checkKind(kindName(kind));
  refuseUnknownKeys(options, [...CONSUMED_POLICY_KEYS, 'concurrency', 'pollInterval'], where);
  checkPolicy(options, where);
  const { concurrency = 10, pollInterval = '1s' } = options;
  if (!(Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= MOST_AT_ONCE))
    throw new InvalidOptionsError(
      `${where}: expected concurrency to be a whole number from 1 to ${MOST_AT_ONCE}, got: ${shown(concurrency)}`,
    );
  return {
    concurrency,
    pollInterval: milliseconds(pollInterval, `${where}: pollInterval`, {
      atLeast: SHORTEST_POLL,
      atMost: LONGEST_TIMER,
    }),
  };
}
