import { randomBytes } from 'node:crypto';
import { applyDecorators } from '@nestjs/common';
import { type JobIdSource, type JobRun, type JobTrackingOptions, Tracked } from 'nestjs-job-tracking';
import type { AppOptions } from '../../support/app.js';
import { Calls } from './calls.js';
import type { Input, Kind } from './input.js';
import { Wrapped } from './replaced.js';
import { TurningGuard, TurningPipe } from './turning-away.js';

export type Work = (run: JobRun, input: unknown) => unknown;

/** What the handlers of one app are made of, and what a law says they do. */
export class Stage {
  readonly calls = new Calls();
  readonly guard = new TurningGuard(this.calls);
  readonly pipe = new TurningPipe(this.calls);
  readonly #suffix = randomBytes(4).toString('hex');
  readonly #works = new Map<string, Work>();

  constructor(
    readonly url: string,
    readonly kinds: readonly Kind[],
    readonly tracking: JobTrackingOptions = {},
  ) {}

  /** Of a queue, a subject, a topic that nobody else uses. */
  named(kind: string): string {
    return `sources-${this.#suffix}-${kind}`;
  }

  get app(): Pick<AppOptions, 'url' | 'tracking'> {
    return { url: this.url, tracking: this.tracking };
  }

  /** The decorators of a handler: those of its source, in their order, and @Tracked. */
  handles(
    kind: Kind & { inputOf?(args: unknown[]): Input },
    id: JobIdSource,
    ...ofSource: MethodDecorator[]
  ): MethodDecorator {
    const tracked = Tracked(this.#idOf(kind, id), { kind: kind.name, ...kind.policy });
    const fromTheTop = {
      below: [...ofSource, tracked],
      above: [tracked, ...ofSource],
      wrapped: [...ofSource, Wrapped(), tracked],
    }[kind.order ?? 'below'];
    return applyDecorators(...fromTheTop.reverse(), this.calls.noted(kind.name, kind.inputOf));
  }

  /** Where a handler of that kind takes its id from: as it is usual on its source, unless there are data to keep. */
  #idOf(kind: Kind, usual: JobIdSource): JobIdSource {
    return kind.keepsData ? this.calls.currentJob : usual;
  }

  wants(kind: string, id: string, work: Work): void {
    this.#works.set(`${kind}/${id}`, work);
  }

  /** The body of every handler. */
  perform(run: JobRun, input?: unknown): unknown {
    const work = this.#works.get(`${run.job.kind}/${run.job.id}`);
    if (!work) throw new Error(`nobody has said what ${run.idempotencyKey} does`);
    return work(run, input);
  }
}
