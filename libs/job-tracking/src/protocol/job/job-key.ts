import { InvalidJobError } from '../options/errors.js';
import { shown } from '../options/shown.js';
import { checkId, checkKind } from './job-id.js';
import type { JobRef } from './kind.js';
import { DEFAULT_KIND, kindName } from './kind-name.js';

/** The key of a job in every statement. */
export interface JobKey {
  kind: string;
  id: string;
}

/** The key that a reference means, checked. Throws InvalidJobError with the field `id` or `kind`. */
export function keyOf(ref: JobRef): JobKey {
  if (typeof ref === 'string') return { kind: DEFAULT_KIND, id: checkId(ref) };
  if (typeof ref !== 'object' || ref === null)
    throw new InvalidJobError('id', `expected a job to be an id or an object with an id, got: ${shown(ref)}`);
  return { kind: checkKind(kindName(ref.kind)), id: checkId(ref.id) };
}
