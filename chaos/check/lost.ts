import { wrongCheckpoints } from './checkpoints.js';
import { grantOf, isSuccess, noted, recordsOf } from './evidence.js';
import type { Law } from './law.js';
import { liesTold } from './told.js';

const FINAL = new Set(['succeeded', 'ignored']);

/** Something that was acknowledged is not there. */
export const LOST: readonly Law[] = [
  {
    law: 'a job whose registration was acknowledged is there',
    breaches: (evidence) => {
      const there = new Set(evidence.jobs.map(({ id }) => id));
      return noted(evidence, 'registered').flatMap(({ ids }) => ids.filter((id) => !there.has(id)));
    },
  },
  {
    law: 'every job has come to its end',
    breaches: ({ jobs }) =>
      jobs.filter(({ status }) => !FINAL.has(status)).map(({ id, status }) => `${id} is ${status}`),
  },
  {
    law: 'an outcome that was acknowledged stands as it was acknowledged',
    breaches: liesTold,
  },
  {
    law: 'a grant that a handler was called for has its one record, of its worker',
    breaches: (evidence) => {
      const records = recordsOf(evidence);
      return noted(evidence, 'granted').flatMap((grant) => {
        const record = records.get(grantOf(grant));
        if (record?.worker === grant.worker) return [];
        return [`${grantOf(grant)} of ${grant.worker}: ${record ? `recorded of ${record.worker}` : 'no record'}`];
      });
    },
  },
  {
    law: 'output and data are those of the last success',
    breaches: ({ jobs, records }) => {
      const successes = Map.groupBy(records.filter(isSuccess), ({ id }) => id);
      return jobs.flatMap(({ id, output, data }) => {
        const claims = (successes.get(id) ?? []).map(({ claim }) => claim);
        const isKnown = data !== null && (data.of === 0 || claims.includes(data.of));
        if (isKnown && output?.claim === claims.at(-1)) return [];
        return [
          `${id}: output ${JSON.stringify(output)}, data ${JSON.stringify(data)}, succeeded: ${claims.join(' ')}`,
        ];
      });
    },
  },
  {
    law: 'an attempt finds the last checkpoint that was acknowledged',
    breaches: wrongCheckpoints,
  },
];
