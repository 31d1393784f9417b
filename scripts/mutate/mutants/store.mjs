// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are texts of the source.
import { of } from './mutant.mjs';

const claiming = of('claim', 'postgres/store/claim.ts');
const claim = [
  claiming(
    'what its token holds is granted',
    'if (exists(row) && row.granted)',
    'if (exists(row) && row.granted && false)',
  ),
  claiming(
    'a missing job that is not ready is not registered',
    'request.register && row.waits_for.length === 0',
    'request.register',
  ),
  claiming(
    'a missing job is registered again',
    "? 'first' : 'refuse';\n  if (row.used",
    "? 'refuse' : 'refuse';\n  if (row.used",
  ),
  claiming('other data is refused', 'if (row.used || row.mismatch || row', 'if (row.used || row'),
  claiming('what its token was granted before is refused', 'if (row.used || row.mismatch', 'if (row.mismatch'),
  claiming('what is not ready is refused', 'row.mismatch || row.waits_for.length > 0)', 'row.mismatch)'),
  claiming(
    'an expired lease is overtaken, not waited for',
    "if (row.expired) return 'take over';",
    "if (row.expired) return 'again';",
  ),
  claiming('a pending one is due', "row.status === 'pending' && Number(row.due_in) === 0", "row.status === 'pending'"),
  claiming('a first grant is a statement of its own', "Number(row.claims) === 0 ? 'first' : 'again'", "'first'"),
  claiming(
    'a succeeded one only for a rerun',
    "row.status === 'succeeded' && request.rerun ?",
    "row.status === 'succeeded' ?",
  ),
  claiming('a failed one that backs off only early', 'request.early || Number(row.due_in) === 0 ?', 'true ?'),
  claiming(
    'a failed one whose backoff has passed is granted to all',
    'request.early || Number(row.due_in) === 0 ?',
    'request.early ?',
  ),
  claiming(
    'a row that is passed over is not asked for again',
    "(step === 'take over' && passedOver)",
    '(passedOver && false)',
  ),
  claiming('a takeover that was sent again is waited for', 'if (answer.count === 0 && answer.resent)', 'if (false)'),
  claiming(
    'not for ever',
    "round < ROUNDS || !exists(row) ? nextStep(row, request) : 'refuse'",
    'nextStep(row, request)',
  ),
  claiming('a job for later is registered first', 'if (job?.runAt) await', 'if (job?.runAt && false) await'),
  claiming(
    'a job for later is claimed by the statement that knows its time',
    'if (job === null || job.runAt !== null)',
    'if (job === null)',
  ),
  claiming('the hash is registered where none is compared', 'values[6] = job.dataHash;', ''),
  claiming(
    'a job that died is told apart from a grant',
    "if (row.status === 'ignored') return",
    "if (row.status === 'ignored' && false) return",
  ),
  claiming('a refusal tells what it waits for', 'waitsFor: row.waits_for,', 'waitsFor: [],'),
  claiming('a refusal tells a mismatch', 'mismatch: row.mismatch }', 'mismatch: false }'),
  claiming(
    'a lease counts from before it was asked for',
    'heldUntil: sentAt + request.lease',
    'heldUntil: performance.now() + request.lease',
  ),
  claiming(
    'a lease that is read counts what is left',
    'heldUntil: sentAt + Number(row.expires_in) }) };',
    'heldUntil: sentAt + request.lease }) };',
  ),
];

const dueClaims = of('DueClaims', 'postgres/store/claim-due.ts');
const claimDue = [
  dueClaims('no more than asked, orphans among them', 'request.limit - set.grants.length;', 'request.limit;'),
  dueClaims(
    'no more orphans than asked, found ones among them',
    'free = request.limit - set.grants.length - set.died.length;',
    'free = request.limit;',
  ),
  dueClaims(
    'orphans behind those that are not taken',
    'while (orphans.length > 0 && orphans.length === free)',
    'while (false)',
  ),
  dueClaims(
    'what was granted before the trouble is run',
    'if (set.grants.length + set.died.length === 0) throw error;',
    'throw error;',
  ),
  dueClaims(
    'trouble is told where nothing was granted',
    'if (set.grants.length + set.died.length === 0) throw error;',
    '',
  ),
  dueClaims(
    'a takeover whose answer was lost is in doubt',
    '      this.#doubt(request, [claim.token]);\n      throw error;',
    '      throw error;',
  ),
  dueClaims(
    'a takeover that was sent again is looked for',
    'else if (answer.resent) {',
    'else if (answer.resent && false) {',
  ),
  dueClaims('a death is told', 'else if (taken) set.died.push(taken.standing);', ''),
  dueClaims('a set is not sent again', '        again: false,\n', ''),
  dueClaims('a set whose answer was lost is in doubt', '      this.#doubt(request, tokens);\n', ''),
  dueClaims('what is found at once is run', 'if (found.length > 0) return found;', ''),
  dueClaims('doubt ends', '.filter((doubt) => doubt.until > performance.now())', ''),
  dueClaims(
    'one consumer alone runs what is found',
    ".filter(({ token }) => doubts.some((doubt) => doubt.tokens.delete(token ?? '')))",
    '',
  ),
  dueClaims(
    'what is found is held for what is left',
    'heldUntil: sentAt + Number(row.expires_in)',
    'heldUntil: sentAt + 60_000',
  ),
  dueClaims(
    'a lease counts from before it was asked for',
    'heldUntil: sentAt + lease',
    'heldUntil: performance.now() + lease',
  ),
];

const sending = of('Database', 'postgres/sending/database.ts');
const database = [
  sending(
    'what the database refuses is thrown',
    "if (fault === 'refused') throw error;",
    "if (fault === 'refused' && !again) throw error;",
  ),
  sending(
    'a statement whose answer was lost goes out again',
    'if (!patient || (fault',
    "if (!patient || fault === 'away' || (fault",
  ),
  sending(
    'once more, however long its answer took not to come',
    'sending === 0 || performance.now() + wait',
    'performance.now() + wait',
  ),
  sending(
    'not for ever',
    'const patient = sending === 0 || performance.now() + wait <= patientUntil;',
    'const patient = true;',
  ),
  sending(
    'not one that must not come through twice',
    "(fault === 'away' && !again)",
    "(fault === 'away' && !again && false)",
  ),
  sending('a closed one says so', 'if (this.#closed) throw', 'if (this.#closed && false) throw'),
  sending('says that it was sent before', 'resent: doubtful', 'resent: false'),
  sending(
    'counts from the sending that was answered',
    'const sentAt = performance.now();\n      try {',
    'const sentAt = patientUntil;\n      try {',
  ),
  sending('an answer has a time of its own', 'query_timeout: within }', 'query_timeout: undefined }'),
];

const fault = of('faultOf', 'postgres/sending/fault.ts');
const faults = [
  fault(
    'a conflict is sent again',
    "if (CONFLICTS.has(code)) return 'conflict';",
    "if (CONFLICTS.has(code)) return 'refused';",
  ),
  fault('a server that goes is away', '(08(?!P01)|53|57)', '(08(?!P01)|53)'),
  fault('a server without room is away', '(08(?!P01)|53|57)', '(08(?!P01)|57)'),
  fault('a server that refuses what it is asked is not away', '08(?!P01)', '08'),
  fault('a connection that is cut is away', 'AWAY_SYSTEM.has(code) ||', ''),
  fault('a silent connection is away', '|Query read timeout', ''),
];

const recording = of('recordSucceeded', 'postgres/store/record.ts');
const ending = of('recordEnded', 'postgres/store/record.ts');
const records = [
  recording(
    'without a row, it asks whether it was recorded before',
    "rows.length > 0 || (await recordedBefore(db, grant)).ended === 'succeeded'",
    'rows.length > 0',
  ),
  recording('recorded as a success', ".ended === 'succeeded'", '.ended !== null'),
  recording(
    'a refused output is told apart',
    "refusesValue(cause) ? new InvalidJobError('output', 'the database refused it', { cause }) : cause",
    'cause',
  ),
  recording('only a refused value is', 'throw refusesValue(cause) ?', 'throw cause ?'),
  ending(
    'without a row, it asks whether it was recorded before',
    'return row.ended === outcome ? standingOf(row) : null;',
    'return null;',
  ),
  ending('recorded as that outcome', 'return row.ended === outcome ?', 'return row.ended !== null ?'),
];

const operating = of('operating', 'postgres/store/operate.ts');
const operators = [
  operating('a bite is not sent again', '(change, values, { again: false })', '(change, values)'),
  operating('no further than the limit', 'Math.min(FOUND, limit - changed)', 'FOUND'),
  operating('bite by bite', 'at < found.length; at += BITE', 'at < 1; at += BITE'),
  operating('until none is found', 'while (changed < limit) {', 'while (changed < 1) {'),
  operating(
    'each search begins behind the last one',
    'const place = [last?.kind ?? null, last?.id ?? null];',
    'const place = [null, null];',
  ),
  operating(
    'a job that has changed meanwhile is asked for again',
    'if (round === ROUNDS || !applies(standing))',
    'if (round === 1 || !applies(standing))',
  ),
  operating('not for ever', 'if (round === ROUNDS || !applies(standing))', 'if (!applies(standing))'),
  operating('what may have been done is not done twice', 'if (resent && applies(standing))', 'if (false)'),
  operating(
    'a run that was granted meanwhile is released',
    "if (round === ROUNDS || resent || standing.job?.status !== 'in_progress')",
    'if (true)',
  ),
  operating(
    'a release that was sent again takes no later run',
    'if (round === ROUNDS || resent ||',
    'if (round === ROUNDS ||',
  ),
  operating(
    'a job that ended meanwhile is removed',
    'if (round === ROUNDS || !removable(before))',
    'if (round === 1 || !removable(before))',
  ),
  operating('a job that its own removal took is told as removed', 'if (resent && isGone)', 'if (false)'),
  operating('a job that another has changed meanwhile is not', 'if (resent && isGone)', 'if (resent)'),
];

const registering = of('registerOne', 'postgres/store/register.ts');
const store = of('PostgresJobStore', 'postgres/store/postgres-job-store.ts');
const pool = of('own pool', 'postgres/sending/own-pool.ts');
const stores = [
  registering('a job that was removed meanwhile is registered after all', 'if (known.job) return', 'return'),
  store('a renewal waits for its answer no longer than the lease has time', ', { within: lease / 4 }', ''),
  store(
    "a lease counts what is left by the database's clock",
    'heldUntil: sentAt + Number(rows[0].left)',
    'heldUntil: sentAt + lease',
  ),
  store(
    'waiting jobs start early only when they are asked for',
    "filter.statuses?.includes('pending') ?? false",
    'true',
  ),
  store(
    'what runs send waits behind no claim',
    'await this.runs.query<{ left: string }>',
    'await this.db.query<{ left: string }>',
  ),
  store('outcomes wait behind no claim', 'recordSucceeded(this.runs, grant', 'recordSucceeded(this.db, grant'),
  pool(
    'an answer is not waited for for ever',
    'query_timeout: options.query_timeout ?? ANSWER_WITHIN,',
    'query_timeout: options.query_timeout,',
  ),
  pool(
    'a connection is not waited for for ever',
    'connectionTimeoutMillis: options.connectionTimeoutMillis || CONNECT_WITHIN,',
    'connectionTimeoutMillis: options.connectionTimeoutMillis,',
  ),
  pool('an idle connection that errs ends nothing', "own.on('error', () => {});", ''),
];

export const storeCode = [...claim, ...claimDue, ...database, ...faults, ...records, ...operators, ...stores];
