// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are texts of the source.
import { of } from './mutant.mjs';

const running = of('runTracked', 'protocol/run/run-tracked.ts');
const runTracked = [
  running(
    'a closed app claims nothing',
    'return tracking.runs.follow(async () => {',
    'return (async (call: () => Promise<RunOutcome<unknown>>, _: unknown) => call())(async () => {',
  ),
  running(
    'what is refused is told',
    "if ('refused' in claim) return refused(claim.refused);",
    "if ('refused' in claim) return succeeded(null, false);",
  ),
  running('a replay is told as one', 'succeeded(claim.replayed, true)', 'succeeded(claim.replayed, false)'),
  running(
    'the heartbeat stops with the run',
    '    heartbeat.stop();\n    tracking.runs.delete(run);',
    '    tracking.runs.delete(run);',
  ),
  running(
    'a shutdown forgets a run that has ended',
    '    heartbeat.stop();\n    tracking.runs.delete(run);',
    '    heartbeat.stop();',
  ),
  running('a shutdown knows what runs', 'tracking.runs.add(run, heartbeat);', ''),
  running(
    'a timeout fires the signal',
    'timeout === null ? undefined : setTimeout(late, timeout).unref()',
    'timeout === null ? undefined : setTimeout(() => {}, timeout).unref()',
  ),
  running('a timeout ends with the run', 'clearTimeout(timer);', ''),
  running('data is read by its schema', "await readStored(run.kind?.data, data, 'data')", 'data'),
  running(
    'a checkpoint is read by its schema',
    "read.checkpoint = await readStored(run.kind?.checkpoint, checkpoint, 'checkpoint')",
    'read.checkpoint = checkpoint',
  ),
  running('no checkpoint is no fault of its schema', 'if (checkpoint !== null) read', 'read'),
  running(
    "the store's scope is around the handler",
    'await tracking.store.around(run.grant, async () => asCurrent(tracking, run, () => work(run)))',
    'await asCurrent(tracking, run, () => work(run))',
  ),
  running(
    'the handler is in its run',
    'async () => asCurrent(tracking, run, () => work(run))',
    'async () => work(run)',
  ),
  running('staged data that is refused fails the run', '    await run.staged();\n', ''),
  running(
    'a declared end stands, though the handler returns',
    "run.declared ?? { type: 'returned', value }",
    "{ type: 'returned', value }",
  ),
  running(
    'a declared end stands, though the handler throws',
    "run.declared ?? { type: 'threw', error }",
    "{ type: 'threw', error }",
  ),
  running('a renewal carries progress', 'progress: run.takeProgress()', 'progress: null'),
  running('a lost lease fires the signal', 'run.abort(leaseLost(grant, why, cause))', 'void [why, cause]'),
  running(
    'a renewal that failed is told',
    "events.announce({ type: 'renewal_failed', ...ofRun(run), error })",
    'void error',
  ),
  running('a grant is told', "  events.announce({ type: 'claimed', ...ofRun(run) });\n", ''),
  running('a takeover is told', 'if (run.grant.tookOver) events', 'if (run.grant.tookOver && false) events'),
  running('only a takeover is', 'if (run.grant.tookOver) events', 'events'),
];

const asking = of('claimed', 'protocol/run/claim.ts');
const claiming = [
  asking('a death is told', 'if (answer.died) announceDeath', 'if (answer.died && false) announceDeath'),
  asking(
    'a missing job without its data is bad input',
    'if (refused instanceof JobNotFoundError && unregistrable) throw unregistrable;',
    '',
  ),
  asking(
    'only replay and join answer with the output',
    'refused instanceof JobAlreadySucceededError && replays(policy)',
    'refused instanceof JobAlreadySucceededError',
  ),
  asking(
    'replay answers with the output',
    'refused instanceof JobAlreadySucceededError && replays(policy)',
    'refused instanceof JobAlreadySucceededError && false',
  ),
  asking('join waits', "policy.onDuplicate === 'join' ?", 'false ?'),
  asking('only join waits', "policy.onDuplicate === 'join' ?", 'true ?'),
  asking('join waits for a holder alone', 'if (refused instanceof JobLockedError) {', 'if (refused) {'),
  asking(
    'a refusal is told',
    "tracking.events.announce({ type: 'refused', kind: request.kind, id: request.id, code: refused.code });",
    '',
  ),
  asking('a closing app ends the wait', 'if (runs.closed.aborted) throw stopping();', ''),
  asking('no longer than the lease', 'Math.min(wait, refused.retryAfter ?? wait)', 'wait'),
  asking('join replays', "onDuplicate === 'replay' || onDuplicate === 'join'", "onDuplicate === 'replay'"),
  asking("no output is no fault of its schema's", 'stored === null ? read.catch(() => null) : read', 'read'),
  asking('an output is read by its schema', "readStored(kind?.output, stored, 'output')", 'Promise.resolve(stored)'),
  asking(
    'bad data is refused before anything is written',
    'if (!isData || gaveData) throw error;',
    'if (!isData) throw error;',
  ),
  asking('only data may be missing', 'if (!isData || gaveData) throw error;', 'if (gaveData) throw error;'),
  asking('rerun', "rerun: onDuplicate === 'rerun'", 'rerun: false'),
  asking('only when a rerun is asked for', "rerun: onDuplicate === 'rerun'", 'rerun: true'),
  asking('a missing job is registered', "register: onMissing === 'register' ? register : null", 'register: null'),
  asking('not where it is to be refused', "register: onMissing === 'register' ? register : null", 'register'),
  asking(
    'the data is compared',
    'dataHash: replays(policy) && gaveData ?',
    'dataHash: replays(policy) && gaveData && false ?',
  ),
  asking('only under replay and join', 'dataHash: replays(policy) && gaveData ?', 'dataHash: gaveData ?'),
  asking('only where some was given', 'dataHash: replays(policy) && gaveData ?', 'dataHash: replays(policy) ?'),
  asking(
    'a job to be refused as missing is not bad input',
    "unregistrable: onMissing === 'register' ? unregistrable : undefined",
    'unregistrable',
  ),
];

const recorded = of('record', 'protocol/run/record.ts');
const recording = [
  recorded('a lost run counts as no attempt', "outcome.status === 'lost' ? null : ruling.outcome", 'ruling.outcome'),
  recorded('staged data is recorded', 'const data = await run.staged();', 'const data = undefined;'),
  recorded(
    'a success that found no row is lost',
    'if (written instanceof LeaseLostError) return lost(tracking, run, policy, written);',
    '',
  ),
  recorded(
    'an ending that found no row is lost',
    'if (standing instanceof LeaseLostError) return lost(tracking, run, policy, standing);',
    "if (standing instanceof LeaseLostError) return { status: 'failed', error: thrown, redeliver: 0 };",
  ),
  recorded(
    'an output that the database refuses is given up',
    'if (!(error instanceof InvalidJobError) || output === null) throw error;',
    'throw error;',
  ),
  recorded(
    'only then',
    'if (!(error instanceof InvalidJobError) || output === null) throw error;',
    'if (output === null) throw error;',
  ),
  recorded(
    'without an output there is none to give up',
    'if (!(error instanceof InvalidJobError) || output === null) throw error;',
    'if (!(error instanceof InvalidJobError)) throw error;',
  ),
  recorded('a success is told', "  events.announce({ type: 'succeeded', ...ofRun(run) });\n", ''),
  recorded('a dropped output is told', 'if (reason !== null) events', 'if (reason !== null && false) events'),
  recorded(
    'the first caller too gets the stored form',
    'if (!replays(policy)) return succeeded(value, false);',
    'return succeeded(value, false);',
  ),
  recorded('only under replay and join', 'if (!replays(policy)) return succeeded(value, false);', ''),
  recorded(
    'a declared end keeps no error',
    "(ruling.outcome === 'ignored' && !ruling.declared)",
    "ruling.outcome === 'ignored'",
  ),
  recorded(
    'an ignored error is kept',
    "ruling.outcome === 'failed' || (ruling.outcome === 'ignored' && !ruling.declared) ?",
    "ruling.outcome === 'failed' ?",
  ),
  recorded('a failure is told', "if (ruling.outcome === 'failed' && failure) events", 'if (false) events'),
  recorded(
    'a job that is ignored now is told',
    "if (standing.job?.status === 'ignored')\n    events",
    "if (standing.job?.status === 'ignored' && ruling.outcome === 'ignored')\n    events",
  ),
  recorded(
    'a snooze is told',
    "else if (ruling.outcome === 'snoozed') events",
    "else if (ruling.outcome === 'snoozed' && false) events",
  ),
  recorded(
    'an interruption is told',
    "else if (ruling.outcome === 'interrupted' || ruling.outcome",
    'else if (ruling.outcome',
  ),
  recorded(
    'an ignored job is not to be sent again',
    "redeliver: standing.job?.status === 'ignored' ? false : Math.min(retryIn, LONGEST_TIMER)",
    'redeliver: retryIn',
  ),
  recorded(
    'a failure that was one too many is told as ignored',
    "(outcome === 'failed' && standing.job?.status === 'ignored')",
    'false',
  ),
  recorded('a lost run is told', "  tracking.events.announce({ type: 'lost', ...ofRun(run) });\n", ''),
  recorded('why it was lost is told', 'return run.signal.reason instanceof LeaseLostError ?', 'return false ?'),
  recorded(
    'a timeout is no reason why it was lost',
    'return run.signal.reason instanceof LeaseLostError ?',
    'return run.signal.reason ?',
  ),
  recorded('no output is none to store', 'if (value === undefined) return { output: null, reason: null };', ''),
  recorded(
    'an output that cannot be stored fails nothing',
    '    return {\n      output: null,\n      reason: reasonText(',
    '    throw error;\n    return {\n      output: null,\n      reason: reasonText(',
  ),
  recorded('an outcome is written through trouble', 'if (performance.now() + wait > until) {', 'if (until > 0) {'),
  recorded('not for ever', 'if (performance.now() + wait > until) {', 'if (until < 0) {'),
  recorded('as long as the lease at least', 'Math.max(PATIENCE, lease)', 'PATIENCE'),
  recorded('half a minute at least', 'Math.max(PATIENCE, lease)', 'lease'),
  recorded('a run whose outcome is given up is lost', '        run.abort(lost);\n', ''),
  recorded(
    'what nobody can know is told with the trouble as its cause',
    'leaseLost(run.grant, why, error)',
    'run.signal.reason ?? leaseLost(run.grant, why, error)',
  ),
  recorded(
    'a delay is told',
    "      tracking.events.announce({ type: 'record_delayed', ...ofRun(run), error });\n",
    '',
  ),
];

const ruled = of('rule', 'protocol/run/ruling.ts');
const ruling = [
  ruled(
    'what is interrupted inside is no failure',
    'if (isInterruption(verdict.error)) return',
    'if (isInterruption(verdict.error) && false) return',
  ),
  ruled(
    'snooze goes first',
    "if (verdict.type === 'snoozed') return",
    "if (verdict.type === 'snoozed' && !run.signal.aborted) return",
  ),
  ruled(
    'ignore goes first',
    "if (verdict.type === 'ignored') return",
    "if (verdict.type === 'ignored' && !run.signal.aborted) return",
  ),
  ruled(
    'a timeout holds, though the handler returned',
    'if (why instanceof JobTimeoutError) return',
    "if (why instanceof JobTimeoutError && verdict.type !== 'returned') return",
  ),
  ruled(
    'a timeout is told, whatever the handler threw',
    'ruleError(run, blamed(why, thrown), policy)',
    'ruleError(run, thrown ?? why, policy)',
  ),
  ruled(
    'an interruption holds, though the handler returned',
    'if (why instanceof JobInterruptedError) return',
    "if (why instanceof JobInterruptedError && verdict.type !== 'returned') return",
  ),
  ruled(
    'an interruption is no failure',
    'if (why instanceof JobInterruptedError) return',
    "if (why instanceof JobInterruptedError && verdict.type === 'returned') return",
  ),
  ruled(
    'a success in doubt is a success',
    "if (verdict.type === 'returned') return",
    "if (verdict.type === 'returned' && !(why instanceof LeaseLostError)) return",
  ),
  ruled(
    'a lease in doubt is no failure',
    'if (why instanceof LeaseLostError) return',
    'if (why instanceof LeaseLostError && false) return',
  ),
  ruled("classify's ignore", "if (verdict === 'ignore') return", "if (verdict === 'ignore' && false) return"),
  ruled("classify's release", "if (verdict === 'release') return", "if (verdict === 'release' && false) return"),
  ruled("classify's delay", "typeof verdict === 'object' ? retryIn(verdict) : undefined", 'undefined'),
  ruled('the backoff counts failures', 'run.grant.job.failures + 1, error)', '1, error)'),
  ruled(
    'a classify that throws says nothing',
    '  } catch {\n    return undefined;\n  }\n}\n\nfunction retryIn',
    '  } catch (thrown) {\n    throw thrown;\n  }\n}\n\nfunction retryIn',
  ),
  ruled(
    'a delay that is none says nothing',
    '  } catch {\n    return undefined;\n  }\n}\n\n/** The timeout',
    '  } catch (thrown) {\n    throw thrown;\n  }\n}\n\n/** The timeout',
  ),
  ruled(
    'what was thrown is the cause of its timeout',
    'thrown === undefined || thrown === timeout ? timeout :',
    'true ? timeout :',
  ),
  ruled(
    'a timeout is not its own cause',
    'thrown === undefined || thrown === timeout ? timeout :',
    'thrown === undefined ? timeout :',
  ),
  ruled('a reason is of an ignored job', "ruling.outcome === 'ignored' ? reasonOf(ruling, failure) : null", 'null'),
  ruled("the handler's own reason", 'if (ruling.declared) return ruling.reason;', ''),
  ruled('a reason there is', "|| 'the error was classified as final'", ''),
];

const beating = of('heartbeat', 'protocol/run/heartbeat.ts');
const heartbeat = [
  beating('stop ends the renewals', '    clearTimeout(beating);\n', ''),
  beating(
    'stop ends the doubt',
    '    stopped = true;\n    clearTimeout(beating);\n    clearTimeout(doubting);',
    '    stopped = true;\n    clearTimeout(beating);',
  ),
  beating('a lost lease is renewed no more', '    stop();\n    lost(why, cause);', '    lost(why, cause);'),
  beating(
    'an answer after the stop says nothing',
    '      if (stopped) return;\n      if (renewed',
    '      if (renewed',
  ),
  beating('trouble after the stop says nothing', '      if (stopped) return;\n      lastError', '      lastError'),
  beating(
    'no lease is a lost one',
    'if (renewed === null) return lose',
    'if (renewed === null && stopped) return lose',
  ),
  beating('trouble is not a lost lease', '      beatIn(renewalRetry(lease));', "      lose('trouble', error);"),
  beating('trouble is tried again', '      beatIn(renewalRetry(lease));', ''),
  beating('trouble is told', '      troubled(error);\n', ''),
  beating('a renewal is followed by the next', '      beatIn(untilRenewal(lease, renewed.heldUntil, now));\n', ''),
  beating('a renewal moves the doubt', '      doubtIn(untilDoubt(lease, renewed.heldUntil, now));\n', ''),
  beating('only the last doubt counts', '    clearTimeout(doubting);\n    doubting =', '    doubting ='),
  beating('a lease in doubt fires the signal', '  doubtIn(untilDoubt(lease, heldUntil, now));\n  beatIn', '  beatIn'),
  beating('what the trouble was is told', 'lastError = error;', ''),
  beating('trouble that has passed is not', '      lastError = undefined;\n', ''),
  beating('keeps no process alive', '.unref();\n  };\n  const doubtIn', ';\n  };\n  const doubtIn'),
];

const leased = of('lease', 'protocol/run/lease.ts');
const lease = [
  leased('a renewal is early', 'return lease / 3;', 'return lease;'),
  leased('a second try is early', 'return Math.min(lease / 12, 1_000);', 'return lease;'),
  leased('a second try is early of a long lease too', 'return Math.min(lease / 12, 1_000);', 'return lease / 12;'),
  leased('what is spent already counts', 'renewalInterval(lease) - spent)', 'renewalInterval(lease))'),
  leased(
    'never later than the interval',
    'Math.min(Math.max(0, renewalInterval(lease) - spent), renewalInterval(lease))',
    'Math.max(0, renewalInterval(lease) - spent)',
  ),
  leased('the signal fires before the end', 'heldUntil - Math.min(lease / 20, 500) - now', 'heldUntil + lease - now'),
  leased('a little before', 'heldUntil - Math.min(lease / 20, 500) - now', 'heldUntil - now'),
];

const active = of('run', 'protocol/run/active-run.ts');
const activeRun = [
  active('progress that is no number is none', 'if (Number.isNaN(part)) return;', ''),
  active('progress is at most all', 'Math.min(Math.max(part, 0), 1)', 'Math.max(part, 0)'),
  active('progress is at least nothing', 'Math.min(Math.max(part, 0), 1)', 'Math.min(part, 1)'),
  active('a note is bounded', 'note.slice(0, NOTE_LENGTH)', 'note'),
  active('a note is text that the database keeps', ".replaceAll('\\0', '').toWellFormed() : null", ' : null'),
  active('progress is carried once', 'this.#progress = null;\n    return', 'return'),
  active(
    'a checkpoint of a lost lease is told',
    'if (!(await this.store.checkpoint(this.grant, json))) throw this.#lost();',
    'await this.store.checkpoint(this.grant, json);',
  ),
  active(
    'assertHeld throws',
    'if (!(await this.store.isHeld(this.grant))) throw this.#lost();',
    'await this.store.isHeld(this.grant);',
  ),
  active('who learns that it is lost fires the signal', '    this.abort(error);\n', ''),
  active(
    'set takes data alone',
    "if (typeof changes !== 'object' || changes === null || !('data' in changes) || Object.keys(changes).length > 1)",
    'if (false)',
  ),
  active('staged data is read by its schema', "readBy(this.kind?.data, JSON.parse(data), 'data')", 'Promise.resolve()'),
  active("until the run ends its rejection is nobody's", '    checked.catch(() => {});\n', ''),
  active('staged data waits for its schema', '    await this.#staged?.checked;\n', ''),
  active(
    'the first end that is declared stands (snooze)',
    "this.declared ??= { type: 'snoozed'",
    "this.declared = { type: 'snoozed'",
  ),
  active(
    'the first end that is declared stands (ignore)',
    "this.declared ??= { type: 'ignored'",
    "this.declared = { type: 'ignored'",
  ),
  active(
    'snooze ends the flow of the handler',
    'delay: wait };\n    throw new DeclaredEnd();',
    'delay: wait };\n    return undefined as never;',
  ),
  active('ignore asks for a reason', "if (typeof reason !== 'string' || reason.length === 0)", 'if (false)'),
  active('a reason is bounded', 'reason.slice(0, 1_000)', 'reason'),
  active(
    'a reason is text that the database keeps',
    "reason.slice(0, 1_000).replaceAll('\\0', '').toWellFormed()",
    'reason.slice(0, 1_000)',
  ),
];

const alive = of('ActiveRuns', 'protocol/run/runs-of-app.ts');
const activeRuns = [
  alive('a closed app begins nothing', 'if (this.closed.aborted) return stopped(stopping());', ''),
  alive(
    'a call that only waits ends as stopped',
    'if (error instanceof JobInterruptedError) return stopped(error);',
    '',
  ),
  alive('a call that has ended is forgotten', '      this.#calls.delete(following);\n', ''),
  alive('a call on its way is waited for', '    this.#calls.add(following);\n', ''),
  alive('what was claimed while the signals fired is interrupted', 'if (this.#interrupted) run.abort(stopping());', ''),
  alive('closing takes no more jobs', '    this.#closed.abort(stopping());\n', ''),
  alive(
    'handlers have their grace',
    '    this.#closed.abort(stopping());\n    await this.#allSettled(grace);',
    '    this.#closed.abort(stopping());',
  ),
  alive('then signals fire', 'for (const run of this.#runs.keys()) run.abort(stopping());', ''),
  alive('and they may settle', 'run.abort(stopping());\n    await this.#allSettled(grace);', 'run.abort(stopping());'),
  alive(
    'a handler that does not settle keeps nothing alive',
    'for (const heartbeat of this.#runs.values()) heartbeat.stop();',
    '',
  ),
  alive(
    'a close waits no longer than for its runs',
    '    this.#runs.delete(run);\n    this.#settled();',
    '    this.#runs.delete(run);',
  ),
  alive('a close waits for runs', 'this.#calls.size === 0 && this.#runs.size === 0', 'this.#calls.size === 0'),
  alive('a close waits for calls', 'this.#calls.size === 0 && this.#runs.size === 0', 'this.#runs.size === 0'),
];

export const runPath = [
  ...runTracked,
  ...claiming,
  ...recording,
  ...ruling,
  ...heartbeat,
  ...lease,
  ...activeRun,
  ...activeRuns,
];
