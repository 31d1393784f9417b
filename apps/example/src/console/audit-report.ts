import { JobStatus } from 'nestjs-job-tracking';
import type { AuditStanding, StepStanding } from '../jobs/audit-standing.js';
import { assessJob, classifyJob, STEPS } from '../jobs/kinds.js';
import type { Health } from '../packages/assess-health.js';
import type { Licence } from '../packages/classify-licence.js';
import { columns } from './columns.js';

const LARGEST = 3;

/** What an audit came to, to be read. */
export function auditReport(standing: AuditStanding): string {
  return [jobs(standing), licences(standing), health(standing), faults(standing)].join('\n\n');
}

/** By kind and status. A job that waits for a step that is ignored is stored as pending, and said to be what it is. */
function jobs(standing: AuditStanding): string {
  const statuses = [JobStatus.succeeded, JobStatus.ignored, JobStatus.failed, JobStatus.in_progress, JobStatus.pending];
  const rows = STEPS.map(({ kind }) => {
    const blocked = standing.blocked(kind).length;
    const counts = statuses.map((status) => standing.where(status, kind).length);
    return [kind, ...counts, blocked === 0 ? '' : `${blocked} of them never due: a step before is ignored`];
  });
  return columns([['JOBS', ...statuses, ''], ...rows]);
}

function licences(standing: AuditStanding): string {
  const counts = new Map<string, number>();
  for (const { expression } of outputs<Licence>(standing, classifyJob.kind))
    counts.set(expression, (counts.get(expression) ?? 0) + 1);
  const rows = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const without = standing.where('ignored', classifyJob.kind).length;
  return columns([['LICENCE', 'packages'], ...rows, ...(without > 0 ? [['(no valid SPDX expression)', without]] : [])]);
}

function health(standing: AuditStanding): string {
  const assessed = standing
    .where('succeeded', assessJob.kind)
    .map(({ id, job }) => ({ id, ...(job?.output as Health) }));
  const total = assessed.reduce((sum, { bytes }) => sum + bytes, 0);
  const files = assessed.reduce((sum, each) => sum + each.files, 0);
  const largest = assessed.toSorted((a, b) => b.bytes - a.bytes).slice(0, LARGEST);
  const scripted = assessed.filter(({ installScripts }) => installScripts.length > 0);
  const named = (each: { id: string }, what: string) => `${each.id} (${what})`;
  return columns([
    ['HEALTH', `of ${assessed.length} packages that passed every step`],
    ['size on disk', `${megabytes(total)} in ${files} files`],
    ...largest.map((each, place) => [place === 0 ? 'the largest' : '', named(each, megabytes(each.bytes))]),
    [
      'run scripts when installed',
      scripted.map((each) => named(each, each.installScripts.join(', '))).join(', ') || 'none',
    ],
    ['say which Node they run on', `${assessed.filter(({ node }) => node !== null).length}`],
  ]);
}

/** Every job that is failed or ignored, and those that it keeps from being due. */
function faults(standing: AuditStanding): string {
  const atFault = [...standing.where('failed'), ...standing.where('ignored')];
  const blocked = standing.blocked();
  if (atFault.length + blocked.length === 0) return 'No job is at fault.';
  const rows = [
    ...atFault.map(({ step, id, job }) => [step, id, job?.status ?? '', job?.attempts ?? 0, errorOf(job)]),
    ...blocked.map(({ step, id, blockedBy }) => [step, id, 'pending', 0, `never due: ${blockedBy} is ignored`]),
  ];
  const inOrder = STEPS.flatMap(({ kind }) => rows.filter(([step]) => step === kind));
  return columns([['AT FAULT', 'package', 'status', 'tries', 'error'], ...inOrder]);
}

/** An operator who ignores a job gives a reason and leaves no error. */
function errorOf(job: StepStanding['job']): string {
  return job?.error ? `${job.error.name}: ${job.error.message}` : (job?.reason ?? '');
}

function outputs<O>(standing: AuditStanding, step: string): O[] {
  return standing.where('succeeded', step).map(({ job }) => job?.output as O);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
