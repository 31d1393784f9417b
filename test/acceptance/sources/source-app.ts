import type { JobTrackingOptions } from 'nestjs-job-tracking';
import type { CallEnd } from './calls.js';
import { KINDS, type KindName } from './handled-kinds.js';
import type { Input, Kind } from './input.js';
import { captureLog, type LoggedError } from './log.js';
import type { Reply, Source, StartedSource } from './source.js';
import { Stage, type Work } from './stage.js';

export interface Sent {
  /** How the handler's call ends. */
  call: Promise<CallEnd>;
  /** What the sender is told, if anything. */
  reply: Promise<Reply>;
}

export interface Told {
  call: CallEnd;
  reply: Reply;
}

/** An app of one source, and what is outside it. */
export interface SourceApp extends StartedSource {
  readonly stage: Stage;
  /** What Nest has logged as an error. */
  readonly logged: readonly LoggedError[];
  sends(kind: KindName, id: string, work: Work, more?: Omit<Input, 'kind' | 'id'>): Sent;
  /** Sends, and waits for all that is told. */
  calls(kind: KindName, id: string, work: Work, more?: Omit<Input, 'kind' | 'id'>): Promise<Told>;
  close(): Promise<void>;
}

export async function startSourceApp(
  source: Source,
  url: string,
  tracking: JobTrackingOptions = {},
): Promise<SourceApp> {
  const kinds = KINDS.filter((kind: Kind) => !kind.perRequest || source.perRequest);
  const stage = new Stage(url, kinds, tracking);
  const started = await source.start(stage);
  const logged = captureLog(started.app.nest);
  const sends: SourceApp['sends'] = (kind, id, work, more) => {
    const input = { kind, id, ...more };
    stage.wants(kind, id, work);
    return { call: stage.calls.expect(input), reply: started.send(input) };
  };
  return {
    ...started,
    stage,
    logged,
    sends,
    async calls(...wanted) {
      const { call, reply } = sends(...wanted);
      const [ended, told] = await Promise.all([call, reply]);
      return { call: ended, reply: told };
    },
    async close() {
      await started.app.close();
      await started.cleanUp?.();
    },
  };
}
