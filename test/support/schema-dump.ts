import type { Sql } from './connection.js';

interface Line {
  line: string;
}

/** The tables, views and indexes of a schema as text, from PostgreSQL's own catalogue: alike, however they were made. */
export async function dumpSchema(sql: Sql, schema = 'public'): Promise<string> {
  const relations = await sql<{ oid: number; name: string; line: string }>(RELATIONS, [schema]);
  const parts: string[] = [];
  for (const { oid, line } of relations) {
    const lines: Line[] = [];
    for (const text of [COLUMNS, CONSTRAINTS, INDEXES, VIEW]) lines.push(...(await sql<Line>(text, [oid])));
    parts.push([line, ...lines.map((part) => `  ${part.line}`)].join('\n'));
  }
  return `${parts.join('\n\n').replaceAll(`${schema}.`, '')}\n`;
}

const RELATIONS = `
select c.oid, c.relname as name,
  case c.relkind when 'v' then 'view ' else 'table ' end || c.relname || coalesce(' with ' || array_to_string(c.reloptions, ', '), '') as line
from pg_class c where c.relnamespace = $1::text::regnamespace and c.relkind in ('r', 'v', 'p', 'm') order by c.relname collate "C"`;

const COLUMNS = `
select a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
  || case when a.attcollation <> t.typcollation then ' collate "' || o.collname || '"' else '' end
  || case when a.attnotnull then ' not null' else '' end
  || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') as line
from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_collation o on o.oid = a.attcollation
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped order by a.attnum`;

/** Less NOT NULL, which the column says, and which is a constraint of its own from PostgreSQL 18 on. */
const CONSTRAINTS = `
select 'constraint ' || conname || ' ' || pg_get_constraintdef(oid, true) as line
from pg_constraint where conrelid = $1 and contype <> 'n' order by conname collate "C"`;

const INDEXES = `
select regexp_replace(pg_get_indexdef(indexrelid), '^CREATE (UNIQUE )?INDEX (\\S+) ON \\S+ ', 'index \\2 \\1') as line
from pg_index where indrelid = $1 order by indexrelid::regclass::text collate "C"`;

const VIEW = `
select regexp_split_to_table(rtrim(pg_get_viewdef(c.oid, true), ';'), '\\n') as line from pg_class c where c.oid = $1 and c.relkind = 'v'`;
