import { CompiledQuery } from 'kysely';
import { answered } from './answered.js';
import type { AppConnection } from './app-connection.js';
import type { SqlPool } from './database.js';
import { ANSWER_WITHIN } from './own-pool.js';

/** The app's own Kysely, or dialect: there is no pool whose options could be copied. It ends with the app. */
export function throughApp({ connection }: AppConnection): SqlPool {
  return {
    async query({ text, values, query_timeout: within = ANSWER_WITHIN }) {
      const answer = connection.getClient().executeQuery(CompiledQuery.raw(text, values));
      const { rows, numAffectedRows } = await answered(answer, within);
      return { rows, rowCount: numAffectedRows === undefined ? rows.length : Number(numAffectedRows) };
    },
    end: async () => {},
  };
}
