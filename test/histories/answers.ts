import type { JobSnapshot } from 'nestjs-job-tracking/core';
import type { Key } from './deed.js';

/** An answer in a few words. */
export function answerWord(answer: unknown): string {
  if (typeof answer !== 'object' || answer === null) return String(answer);
  if ('granted' in answer)
    return `granted, claim ${answer.granted}${'tookOver' in answer && answer.tookOver ? ', taken over' : ''}`;
  if ('refused' in answer) {
    const { job } = answer.refused as { job: JobSnapshot | null };
    return `refused: ${job?.status ?? 'missing'}${'died' in answer && answer.died ? ', found dead' : ''}`;
  }
  if ('grants' in answer) return setWord(answer as SetHeard);
  if ('changed' in answer) return answer.changed ? 'changed' : 'unchanged';
  if ('registered' in answer) return answer.registered ? 'registered' : 'known';
  return (answer as { job: JobSnapshot | null }).job?.status ?? 'no job';
}

interface SetHeard {
  grants: readonly { key: Key; claim: number; tookOver: boolean }[];
  died: readonly { key: Key }[];
}

function setWord({ grants, died }: SetHeard): string {
  const granted = grants.map(({ key, claim, tookOver }) => `${key} claim ${claim}${tookOver ? ', taken over' : ''}`);
  return [...granted, ...died.map(({ key }) => `${key} found dead`)].join('; ') || 'none';
}

/** Without numbers and names: answers of one kind. */
export function answerKinds(answer: unknown): string[] {
  return answerWord(answer)
    .split('; ')
    .map((word) => word.replace(/^[ab]\/\d /, '').replace(/claim \d+/, 'claim'));
}
