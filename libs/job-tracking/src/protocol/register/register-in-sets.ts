import type { JobKey } from '../job/job-key.js';
import type { JobSpec } from '../job/kind.js';
import { InvalidJobError, InvalidOptionsError } from '../options/errors.js';
import { shown } from '../options/shown.js';
import type { Payloads } from '../payload/payloads.js';
import type { JobStore, NewJob } from '../store/job-store.js';
import { newJob } from './new-job.js';

const SET = 500;
/** A set of large payloads is sent before it is full. */
const SET_CHARACTERS = 8 * 2 ** 20;

/** Streams jobs to the store, a bounded set at a time: memory stays flat however long the stream. */
export async function registerInSets(
  { store, payloads }: { store: Pick<JobStore, 'registerSet'>; payloads: Payloads },
  jobs: Iterable<JobSpec> | AsyncIterable<JobSpec>,
  /** Is told a job of each set that had new ones. */
  told: (registered: JobKey) => void,
): Promise<{ registered: number; existing: number }> {
  if (jobs === null || typeof jobs !== 'object' || !(Symbol.iterator in jobs || Symbol.asyncIterator in jobs))
    throw new InvalidOptionsError(`registerMany: expected jobs to be iterable, got: ${shown(jobs)}`);
  let [registered, index, characters] = [0, 0, 0];
  let set: NewJob[] = [];
  const send = async () => {
    const [first] = set;
    const made = first ? await store.registerSet(set) : 0;
    if (first && made > 0) told(first);
    registered += made;
    [set, characters] = [[], 0];
  };
  for await (const spec of jobs) {
    const job = await newJob(spec, payloads).catch((error) => {
      throw error instanceof InvalidJobError ? atIndex(index, error) : error;
    });
    set.push(job);
    characters += job.data?.length ?? 0;
    index++;
    if (set.length === SET || characters > SET_CHARACTERS) await send();
  }
  await send();
  return { registered, existing: index - registered };
}

function atIndex(index: number, error: InvalidJobError): InvalidJobError {
  return new InvalidJobError(`jobs[${index}].${error.field}`, `jobs[${index}]: ${error.message}`, { cause: error });
}
