import { type KindRef, kindName, POLICY_KEYS, type TrackingPolicy } from '../../protocol/index.js';
import type { JobIdSource } from './job-id-source.js';

/** Metadata of a tracked method: its declaration. */
export const TRACKED = 'job-tracking:tracked';
/** Metadata of a consuming method: its declaration. */
export const CONSUMES = 'job-tracking:consumes';

/** What `@Tracked` was told. One value a decorated method: its identity tells whose request has arrived. */
export interface TrackedDeclaration {
  id: JobIdSource;
  /** A name, or the given options: a policy, and the schemas of a kind where one was given. */
  kind: KindRef;
  policy: TrackingPolicy;
  /** No kind was named. */
  unnamed: boolean;
}

/** The keys in which two policies are unlike; functions by identity, kinds by name. */
export function unlikeKeys(
  a: TrackingPolicy,
  b: TrackingPolicy,
  keys: readonly (keyof TrackingPolicy)[] = POLICY_KEYS,
): string[] {
  return keys.filter((key) => comparable(key, a) !== comparable(key, b));
}

function comparable(key: keyof TrackingPolicy, policy: TrackingPolicy): unknown {
  const value = policy[key];
  if (typeof value === 'function' || value === undefined) return value;
  return JSON.stringify(key === 'after' ? [policy.after ?? []].flat().map(kindName) : value);
}
