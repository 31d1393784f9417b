import type { Sql } from '../support/connection.js';
import type { TestDatabase } from '../support/database.js';

export interface TestClock {
  now(): number;
  advance(ms: number): Promise<void>;
}

/**
 * A database's time, set by the test: a function now() in a schema that is looked into before pg_catalog, which all connections opened from here on
 * find. It is found when a text is parsed, also by the defaults of tables that are made later; so it comes before the tables.
 */
export async function installTestClock({ name, sql }: TestDatabase, begin: Date): Promise<TestClock> {
  await sql('create schema testclock');
  await sql('create table testclock.clock as select $1::timestamptz as at', [begin]);
  await sql(
    `create function testclock.now() returns timestamptz language sql stable as 'select at from testclock.clock'`,
  );
  await sql(`alter database ${name} set search_path = testclock, pg_catalog, public`);
  let time = begin.getTime();
  const advance = async (ms: number) => {
    time += ms;
    await setClock(sql, time);
  };
  return { now: () => time, advance };
}

async function setClock(sql: Sql, time: number): Promise<void> {
  await sql('update testclock.clock set at = $1', [new Date(time)]);
}
