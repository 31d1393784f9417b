import type { AuditStanding } from '../jobs/audit-standing.js';
import { STEPS } from '../jobs/kinds.js';

/** What earlier runs left to do: «0 to run, 1134 already succeeded». */
export function outlook(standing: AuditStanding): string {
  const { steps, open } = standing;
  const known = [
    ['already succeeded', standing.where('succeeded').length],
    ['ignored', standing.where('ignored').length],
    ['waiting for a step that is ignored', standing.blocked().length],
  ] as const;
  const held = standing.where('in_progress').length;
  const counts = [`${open.length} to run`, ...known.filter(([, n]) => n > 0).map(([what, n]) => `${n} ${what}`)];
  const packages = steps.length / STEPS.length;
  return [
    `${packages} packages, ${steps.length} jobs (${STEPS.map(({ kind }) => kind).join(', ')}): ${counts.join(', ')}.`,
    ...(held > 0
      ? [`${held} of them are in progress: those of a process that died are taken up when their lease ends.`]
      : []),
  ].join('\n');
}
