// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are texts of the source.
import { any, of } from './mutant.mjs';

const registering = of('register', 'postgres/sql/register.ts');
const set = of('registerSet', 'postgres/sql/register-set.ts');
const register = [
  registering(
    'on conflict: the first data stays',
    'on conflict (kind, id) do nothing',
    'on conflict (kind, id) do update set data = excluded.data, data_hash = excluded.data_hash',
  ),
  registering('on conflict', 'on conflict (kind, id) do nothing\n', ''),
  registering(
    'a time that is not given is now',
    'coalesce($5::timestamptz, now())',
    "coalesce($5::timestamptz, now() + interval '1 h')",
  ),
  set(
    'what exists is passed over',
    '  where not exists (select 1 from "job" j where j.kind = v.kind and j.id = v.id)\n',
    '',
  ),
  set('in order', '  order by v.kind, v.id, v.place\n', '  order by v.place\n'),
  set('of two the first stays', 'order by v.kind, v.id, v.place', 'order by v.kind, v.id, v.place desc'),
  set('on conflict', '\n  on conflict (kind, id) do nothing', ''),
  set('a time that is not given is now', 'coalesce(v.run_at, now())', "coalesce(v.run_at, now() + interval '1 h')"),
];

const retrying = of('retryJob', 'postgres/sql/retry-job.ts');
const retry = [
  retrying('its kind', 'where j.kind = $1::text', 'where (j.kind = $1::text or true)'),
  retrying('its id', 'and j.id = $2::text', 'and (j.id = $2::text or true)'),
  retrying('a succeeded one only for a rerun', 'and $3::bool)', 'and ($3::bool or true))'),
  retrying(
    'never a running one',
    "(j.status in ('failed', 'ignored') or",
    "(j.status in ('failed', 'ignored', 'in_progress') or",
  ),
  retrying('a pending one only if it waits or has counts', 'and (j.run_at > now() or j.failures + j.crashes > 0)', ''),
  retrying(
    'a pending one that waits',
    '(j.run_at > now() or j.failures + j.crashes > 0)',
    '(j.failures + j.crashes > 0)',
  ),
  retrying('a pending one with counts', '(j.run_at > now() or j.failures + j.crashes > 0)', '(j.run_at > now())'),
  retrying(
    'a pending one that is due keeps its place',
    "case when j.status = 'pending' then least(j.run_at, now()) else now() end",
    'now()',
  ),
  retrying(
    'any other is due now',
    "case when j.status = 'pending' then least(j.run_at, now()) else now() end",
    'least(j.run_at, now())',
  ),
  retrying('due now', "case when j.status = 'pending' then least(j.run_at, now()) else now() end", 'j.run_at'),
  retrying('unchanged since it was found', "${unchangedSince('$4')}", any("${unchangedSince('$4')}")),
  retrying('SET failures', 'failures = 0, ', ''),
  retrying('SET crashes', 'crashes = 0, ', ''),
  retrying('SET reason', ', reason = null', ''),
  retrying('SET updated_at', ', updated_at = now()', ''),
];

const ignoring = of('ignoreJob', 'postgres/sql/ignore-job.ts');
const ignore = [
  ignoring('its kind', 'where j.kind = $1::text', 'where (j.kind = $1::text or true)'),
  ignoring('its id', 'j.id = $2::text and', '(j.id = $2::text or true) and'),
  ignoring(
    'only a pending or failed one',
    "j.status in ('pending', 'failed')",
    any("j.status in ('pending', 'failed')"),
  ),
  ignoring(
    'never one that is ignored already',
    "j.status in ('pending', 'failed')",
    "j.status in ('pending', 'failed', 'ignored')",
  ),
  ignoring('unchanged since it was found', "${unchangedSince('$4')}", any("${unchangedSince('$4')}")),
  ignoring('SET reason', 'reason = $3::text', 'reason = nullif($3::text, $3::text)'),
  ignoring('SET updated_at', ', updated_at = now()', ''),
];

const releasing = of('releaseJob', 'postgres/sql/release-job.ts');
const release = [
  releasing('its kind', 'where kind = $1::text', 'where (kind = $1::text or true)'),
  releasing('its id', 'and id = $2::text and', 'and (id = $2::text or true) and'),
  releasing('the grant that it found', 'and claims = $3::bigint and', 'and (claims = $3::bigint or true) and'),
  releasing('a running one', 'and expires_at is not null for update)', 'for update)'),
  releasing('for update', 'is not null for update)', 'is not null)'),
  releasing('not before its start', 'greatest(now(), j.started_at)', 'now()'),
  releasing('SET attempts: given back', 'attempts = j.attempts - 1, ', ''),
  releasing('SET run_at', 'run_at = now(), ', ''),
  releasing('SET updated_at', ', updated_at = now()', ''),
];

const removing = of('removeJob', 'postgres/sql/remove-job.ts');
const remove = [
  removing('its kind', 'where j.kind = $1::text', 'where (j.kind = $1::text or true)'),
  removing('its id', 'j.id = $2::text and', '(j.id = $2::text or true) and'),
  removing('never a running one', 'and j.expires_at is null and', 'and'),
  removing('no grant since it was found', 'j.claims = $3::bigint', any('j.claims = $3::bigint')),
  removing('unchanged since it was found', "${unchangedSince('$4')}", any("${unchangedSince('$4')}")),
  removing(
    'history goes too',
    'where p.kind = g.kind and p.id = g.id)',
    'where p.kind = g.kind and p.id = g.id and false)',
  ),
  removing('history: of this id', 'p.kind = g.kind and p.id = g.id', 'p.kind = g.kind'),
  removing('history: of this kind', 'p.kind = g.kind and p.id = g.id', 'p.id = g.id'),
];

const matching = of('MATCHES', 'postgres/sql/many.ts');
const bite = of('a bite', 'postgres/sql/many.ts');
const many = of('retryMany', 'postgres/sql/many.ts');
const removeMany = of('removeMany', 'postgres/sql/many.ts');
const finding = of('finding many', 'postgres/sql/find-many.ts');
const RETRIED = "or (j.status = 'pending' and (j.run_at > now() or j.failures + j.crashes > 0) and ${early}::bool)";
const inMany = [
  matching('the kind', '($1::text is null or j.kind = $1::text)', any('($1::text is null or j.kind = $1::text)')),
  matching(
    'the statuses',
    '($2::text[] is null or j.status = any($2::text[]))',
    any('($2::text[] is null or j.status = any($2::text[]))'),
  ),
  matching(
    'the ids',
    '($3::text[] is null or j.id = any($3::text[]))',
    any('($3::text[] is null or j.id = any($3::text[]))'),
  ),
  matching(
    'changed before',
    '($4::timestamptz is null or j.updated_at < $4::timestamptz)',
    any('($4::timestamptz is null or j.updated_at < $4::timestamptz)'),
  ),
  matching(
    'changed after',
    '($5::timestamptz is null or j.updated_at > $5::timestamptz)',
    any('($5::timestamptz is null or j.updated_at > $5::timestamptz)'),
  ),
  matching(
    'the fingerprint',
    "($6::text is null or j.error->>'fingerprint' = $6::text)",
    any("($6::text is null or j.error->>'fingerprint' = $6::text)"),
  ),
  finding('behind the last one', ' or ($1::text is not null and j.id > $9::text))', ' or $1::text is not null)'),
  finding(
    'behind the last one, of any kind',
    '($1::text is null and (j.kind, j.id) > ($8::text, $9::text))',
    '($1::text is null)',
  ),
  finding('in order', 'order by j.kind, j.id limit $7::int', 'order by j.kind desc, j.id desc limit $7::int'),
  finding('at most so many', 'limit $7::int', 'limit $7::int + 1000'),
  bite('matches still', 'case when ${MATCHES} and ${state} then', 'case when (${MATCHES} or true) and ${state} then'),
  bite('its kind', 'j.kind = named.kind and', '(j.kind = named.kind or true) and'),
  bite('its id', 'j.id = named.id and', '(j.id = named.id or true) and'),
  bite('skip locked', 'for update of j skip locked) found', 'for update of j) found'),
  bite('for update', '    for update of j skip locked) found', '    ) found'),
  many(
    'a succeeded one only for a rerun',
    "(j.status = 'succeeded' and ${rerun}::bool)",
    "(j.status = 'succeeded' and (${rerun}::bool or true))",
  ),
  many(
    'a waiting one only when it is asked for',
    RETRIED,
    RETRIED.replace('${early}::bool', '(${early}::bool or true)'),
  ),
  many('a pending one only if it waits or has counts', RETRIED, "or (j.status = 'pending' and ${early}::bool)"),
  many('a pending one with counts', RETRIED, RETRIED.replace(' or j.failures + j.crashes > 0', '')),
  many(
    'never a running one',
    "(j.status in ('failed', 'ignored') or",
    "(j.status in ('failed', 'ignored', 'in_progress') or",
  ),
  many(
    'a pending one that is due keeps its place',
    "case when j.status = 'pending' then least(j.run_at, now()) else now() end",
    'now()',
  ),
  many('due now', "case when j.status = 'pending' then least(j.run_at, now()) else now() end", 'j.run_at'),
  many('SET counts', 'failures = 0, crashes = 0, reason = null\n', 'reason = null\n'),
  many('SET reason', 'crashes = 0, reason = null\n', 'crashes = 0\n'),
  many('SET updated_at', 'else now() end, updated_at = now(),', 'else now() end,'),
  of('ignoreMany', 'postgres/sql/many.ts')(
    'only pending and failed ones',
    "IGNORABLE = `j.status in ('pending', 'failed')`",
    'IGNORABLE = `true`',
  ),
  of('ignoreMany', 'postgres/sql/many.ts')('SET reason', 'reason = $9::text', 'reason = nullif($9::text, $9::text)'),
  of('ignoreMany', 'postgres/sql/many.ts')(
    'SET updated_at',
    'reason = $9::text, updated_at = now()',
    'reason = $9::text',
  ),
  removeMany('never a running one', "REMOVABLE = 'j.expires_at is null'", "REMOVABLE = 'true'"),
  removeMany(
    'as they were from the start',
    ' and j.claims = (select s.claims from "job" s where s.kind = j.kind and s.id = j.id)',
    '',
  ),
  removeMany(
    'history goes too',
    'using bite b where p.kind = b.kind and p.id = b.id)',
    'using bite b where p.kind = b.kind and p.id = b.id and false)',
  ),
  removeMany(
    'history: of these ids',
    'using bite b where p.kind = b.kind and p.id = b.id)',
    'using bite b where p.kind = b.kind)',
  ),
  removeMany(
    'history: of these kinds',
    'using bite b where p.kind = b.kind and p.id = b.id)',
    'using bite b where p.id = b.id)',
  ),
];

const page = of('a page', 'postgres/sql/read-jobs.ts');
const reading = [
  of('getJob', 'postgres/sql/read-jobs.ts')(
    'its kind',
    'where j.kind = $1::text and j.id = $2::text`',
    'where ($1::text is not null) and j.id = $2::text order by j.updated_at`',
  ),
  of('getJob', 'postgres/sql/read-jobs.ts')(
    'its id',
    'where j.kind = $1::text and j.id = $2::text`',
    'where j.kind = $1::text and ($2::text is not null) order by j.updated_at`',
  ),
  page('its conditions', 'where ${MATCHES} and ($8', 'where (${MATCHES} or true) and ($8'),
  page(
    'begins after the last one',
    '($8::timestamptz is null or (j.updated_at',
    '($8::timestamptz is not distinct from $8 or (j.updated_at',
  ),
  page(
    'jobs of one moment are told apart',
    '(j.updated_at, j.kind, j.id) ${comparison} ($8::timestamptz, $9::text, $10::text)',
    '(j.updated_at, $9::text, $10::text) ${comparison} ($8::timestamptz, $9::text, $10::text)',
  ),
  page('to the microsecond', 'SS.US"Z"', 'SS.MS000"Z"'),
  page('in order of time', 'order by j.updated_at ${direction}, j.kind', 'order by j.kind'),
  page('in order within a moment', ', j.kind ${direction}, j.id ${direction} limit', ' limit'),
  page('newest first', "page('<', 'desc')", "page('>', 'asc')"),
  page('at most so many', '${direction} limit $7::int`', '${direction} limit $7::int + 1000`'),
  of('countJobs', 'postgres/sql/read-jobs.ts')(
    'its conditions',
    '"job" j where ${MATCHES} limit',
    '"job" j where (${MATCHES} or true) limit',
  ),
  of('countJobs', 'postgres/sql/read-jobs.ts')(
    'counts no further than asked',
    'limit $7::bigint) matching',
    'limit nullif($7::bigint, $7::bigint)) matching',
  ),
  of('summariseJobs', 'postgres/sql/read-jobs.ts')(
    'the kind',
    '($1::text is null or j.kind = $1::text)',
    any('($1::text is null or j.kind = $1::text)'),
  ),
  of('listAttempts', 'postgres/sql/read-jobs.ts')(
    'its kind',
    'where a.kind = $1::text and',
    'where (a.kind = $1::text or true) and',
  ),
  of('listAttempts', 'postgres/sql/read-jobs.ts')(
    'its id',
    'and a.id = $2::text and',
    'and (a.id = $2::text or true) and',
  ),
  of('listAttempts', 'postgres/sql/read-jobs.ts')('only those that have ended', ' and a.outcome is not null', ''),
  of('listAttempts', 'postgres/sql/read-jobs.ts')('in order', 'order by a.claim`', 'order by a.claim desc`'),
];

export const operators = [...register, ...retry, ...ignore, ...release, ...remove, ...inMany, ...reading];
