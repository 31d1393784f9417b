import { IsolationLevel, type MikroORM } from '@mikro-orm/postgresql';
import { InvalidOptionsError } from '../../protocol/index.js';
import { type Database, qualifier } from '../sending/database.js';
import type { Whole } from '../store/as-text.js';
import { classNameOf, SCHEMA_VERSIONS, statementsOf } from './migrations/index.js';

const APPLIED = `select version from "job_migration"`;
const UNDEFINED_TABLE = '42P01';

/** Throws InvalidOptionsError that names the versions that the database lacks, whoever should have run them. */
export async function checkSchema(db: Database, schema: string | undefined): Promise<void> {
  const done = await applied(db);
  const missing = SCHEMA_VERSIONS.filter(({ version }) => !done.includes(version));
  if (missing.length === 0) return;
  throw new InvalidOptionsError(
    `the tables of job tracking are not up to date${schema ? ` in schema ${schema}` : ''}; missing: ${missing.map(({ name }) => name).join(', ')}. ` +
      `Run a migration of your own that extends ${missing.map(classNameOf).join(', then ')}, run the package's migrations/*.sql, or set migrations: 'run'`,
  );
}

/** Applies what is missing, in one transaction, one process at a time: the others wait and find nothing left to do. */
export async function runMigrations(orm: MikroORM, schema: string | undefined): Promise<void> {
  const qualify = qualifier(schema);
  const connection = orm.em.getConnection('write');
  const migrate = async (tx: unknown) => {
    const run = (text: string) => connection.execute<unknown[]>(qualify(text), [], 'all', tx);
    await run(`select pg_advisory_xact_lock(hashtextextended('nestjs-job-tracking/migrations', 0))`);
    if (schema !== undefined) {
      const [known] = await run(`select 1 from pg_namespace where nspname = ${literal(schema)}`);
      if (!known) await run(`create schema "${schema.replaceAll('"', '""')}"`);
    }
    for (const version of SCHEMA_VERSIONS) for (const statement of statementsOf(version)) await run(statement);
  };
  // Whoever has waited for the lock must see what was done meanwhile: a snapshot from before the wait would not.
  await connection.transactional(migrate, { isolationLevel: IsolationLevel.READ_COMMITTED });
}

/** Read alike whether a backslash escapes in plain literals (standard_conforming_strings off) or not. */
function literal(text: string): string {
  return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

async function applied(db: Database): Promise<number[]> {
  try {
    return (await db.query<{ version: Whole }>(APPLIED, [])).rows.map(({ version }) => Number(version));
  } catch (error) {
    if ((error as { code?: unknown }).code === UNDEFINED_TABLE) return [];
    throw error;
  }
}
