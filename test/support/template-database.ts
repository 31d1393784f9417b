import { urlOf, withConnection } from './connection.js';
import { migrateTemplate } from './migrate-template.js';

let made: Promise<string> | undefined;

/** Once a run, though every worker asks: the others wait for the first, and find it by its final name only when it is whole. */
export function createTemplateOnce(server: string, template: string): Promise<string> {
  made ??= createTemplate(server, template);
  return made;
}

async function createTemplate(server: string, template: string): Promise<string> {
  await withConnection(server, async (pg) => {
    await pg.query('select pg_advisory_lock(hashtextextended($1, 0))', [template]);
    const { rowCount } = await pg.query('select from pg_database where datname = $1', [template]);
    if (rowCount) return;
    const unfinished = `${template}_unfinished`;
    await pg.query(`drop database if exists ${unfinished} with (force)`);
    await pg.query(`create database ${unfinished} strategy file_copy`);
    await migrateTemplate(urlOf(server, unfinished));
    await pg.query(`alter database ${unfinished} rename to ${template}`);
  });
  return template;
}
